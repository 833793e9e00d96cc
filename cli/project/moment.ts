const local = /^(\d{4})-(\d\d)-(\d\d)(?:[ T]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)?$/;

/**
 * Reads a local point in time: `2023-01-01`, `2023-01-01 06:00`.
 * @returns as Postgres reads it; undefined: it is none
 */
export function startOf(text: string): string | undefined {
  const match = local.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day] = match.map(Number);
  const date = new Date(Date.UTC(year!, month! - 1, day!));
  // The 31st of February would be one of March; years below 100 would be of the twentieth century.
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month! - 1 && date.getUTCDate() === day;
  return exists ? match[0].replace('T', ' ') : undefined;
}
