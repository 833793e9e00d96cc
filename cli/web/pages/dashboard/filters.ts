import { computed } from '@preact/signals';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { query, setQuery } from '../../app/router.ts';
import { addDays, isDay } from '../../parts/days.ts';
import { quote } from '../../parts/dialect.ts';
import type { DayRange } from './range.ts';

/** What a view shows, as its URL says: `?range=12 months&f.categoria=Moda`. */
export interface Filters {
  /** A span such as `12 months`, `all`, or days; null: what the page shows at first. */
  readonly range: string | null;
  readonly days: DayRange;
  /** Values by column; several of one column mean any of them. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Conditions of the API: a parameter of the URL and its value. */
export type Conditions = readonly (readonly [name: string, value: string])[];

/** What stands for null in the URL of a filter. */
export const nullValue = '\u2400';

export const filters = computed<Filters>(() => {
  const own = query.value;
  const day = (name: string) => {
    const text = own.get(name);
    return text !== null && isDay(text) ? text : null;
  };
  const range = own.get('range');
  const names = [...new Set([...own.keys()].filter((name) => name.startsWith('f.')))];
  return {
    range: range === 'all' || /^[1-9]\d{0,3} (days?|weeks?|months?|years?)$/.test(range ?? '') ? range : null,
    days: { from: day('from'), to: day('to') },
    values: new Map(names.map((name) => [name.slice(2), own.getAll(name)])),
  };
});

/** @param range one of the presets, `all`, or null for what the page shows at first */
export function chooseRange(range: string | null): void {
  setQuery({ range, from: null, to: null });
}

export function chooseDays({ from, to }: DayRange): void {
  setQuery({ range: null, from, to });
}

export function chooseValues(column: string, values: readonly string[]): void {
  setQuery({ [`f.${column}`]: values.length > 0 ? values : null });
}

/** Adds a value to those of a column, or takes it away: what a click on a mark does. */
export function toggleValue(column: string, value: string): void {
  const chosen = filters.value.values.get(column) ?? [];
  chooseValues(column, chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
}

export function clearFilters(): void {
  const all = [...query.value.keys()].filter(
    (name) => name.startsWith('f.') || ['range', 'from', 'to'].includes(name),
  );
  setQuery(Object.fromEntries(all.map((name) => [name, null])));
}

/**
 * The conditions of the API for a relation: those filters whose columns it has.
 * @param timeColumn what a range of days is about; undefined: the relation has none
 */
export function conditionsFor(
  relation: ProjectRelation,
  timeColumn: string | undefined,
  days: DayRange,
  values: Filters['values'],
): Conditions {
  const conditions: [string, string][] = [];
  if (timeColumn !== undefined) {
    if (days.from !== null) conditions.push([timeColumn, `gte.${days.from}`]);
    if (days.to !== null) conditions.push([timeColumn, `lt.${addDays(days.to, 1)}`]);
  }
  for (const [column, chosen] of values) {
    if (!relation.columns.some(({ name }) => name === column) || chosen.length === 0) continue;
    const real = chosen.filter((value) => value !== nullValue);
    const list = `${column}.in.(${real.map(quote).join(',')})`;
    if (real.length === chosen.length) conditions.push([column, `in.(${real.map(quote).join(',')})`]);
    else if (real.length === 0) conditions.push([column, 'is.null']);
    else conditions.push(['or', `(${column}.is.null,${list})`]);
  }
  return conditions;
}
