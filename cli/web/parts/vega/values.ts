type Json = Readonly<Record<string, unknown>>;

const unitParts: readonly (readonly [unit: string, of: (date: Date) => number])[] = [
  ['year', (date) => date.getFullYear()],
  ['quarter', (date) => Math.floor(date.getMonth() / 3)],
  ['month', (date) => date.getMonth()],
  ['date', (date) => date.getDate()],
  ['day', (date) => date.getDay()],
  ['hours', (date) => date.getHours()],
];

/** The different values that a channel shows of rows: those of its field, or the units of its times. Never none. */
export function valuesOf({ field, timeUnit }: Json, rows: readonly Json[]): ReadonlySet<string> {
  const unit = typeof timeUnit === 'object' && timeUnit !== null ? (timeUnit as Json).unit : timeUnit;
  const parts = typeof unit === 'string' ? unitParts.filter(([name]) => unit.includes(name)) : [];
  const found = new Set<string>();
  for (const row of rows) {
    const value = row[String(field)];
    const date = parts.length > 0 ? new Date(value as string) : undefined;
    found.add(date ? parts.map(([, of]) => of(date)).join(' ') : String(value));
  }
  return found.size > 0 ? found : new Set(['']);
}

/** How wide a letter of an axis is at most, in pixels. */
const letter = 7;

/** Whether what stands at the x axis fits side by side, so that it need not be turned. */
export function fitsSideBySide({ encoding, layer }: Json, rows: readonly Json[], width: number): boolean {
  const own = (encoding as Json | undefined)?.x ?? ((layer as readonly Json[])?.[0]?.encoding as Json)?.x;
  const { field, timeUnit, bin } = (own ?? {}) as Json;
  if (typeof field !== 'string' || bin !== undefined) return false;
  const values = [...valuesOf({ field, timeUnit }, rows)];
  const longest = timeUnit === undefined ? Math.max(...values.map((value) => value.length)) : 4;
  return values.length * (longest * letter + 6) < width;
}
