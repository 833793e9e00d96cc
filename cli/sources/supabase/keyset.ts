/** Values of the columns that rows are read in the order of, as text. */
export type Place = readonly string[];

/** The part of a builder of the client that filters need. */
interface Filterable {
  gt(column: string, value: string): unknown;
  gte(column: string, value: string): unknown;
  lte(column: string, value: string): unknown;
  or(filters: string): unknown;
}

/** Words that mean something else as the name of a parameter. */
const reserved = new Set([
  'select',
  'columns',
  'on_conflict',
  'order',
  'limit',
  'offset',
  'and',
  'or',
  'not',
]);

/** A column's name as PostgREST reads it: in quotes, unless it is a plain word. */
export function columnName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(name) && !reserved.has(name) ? name : quoted(name);
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * Only rows behind a place, row-wise: `(a, b) > (1, 2)`.
 * @param inclusive the row at that place too
 */
export function filterAfter(
  query: Filterable,
  columns: readonly string[],
  place: Place,
  inclusive: boolean,
): void {
  filterBeyond(query, columns, place, { strict: 'gt', last: inclusive ? 'gte' : 'gt' });
}

/** Only rows up to a place, itself included. */
export function filterUpTo(query: Filterable, columns: readonly string[], place: Place): void {
  filterBeyond(query, columns, place, { strict: 'lt', last: 'lte' });
}

interface Operators {
  /** For columns in front of the last one. */
  readonly strict: 'gt' | 'lt';
  readonly last: 'gt' | 'gte' | 'lte';
}

function filterBeyond(
  query: Filterable,
  columns: readonly string[],
  place: Place,
  operators: Operators,
): void {
  const first = columnName(columns[0]!);
  if (columns.length === 1) {
    query[operators.last](first, place[0]!);
    return;
  }
  // Says nothing new, but an index on the columns begins reading there.
  query[operators.strict === 'gt' ? 'gte' : 'lte'](first, place[0]!);
  query.or(alternatives(columns, place, operators));
}

/** `a.gt."1",and(a.eq."1",b.gt."2")` */
function alternatives(columns: readonly string[], place: Place, operators: Operators): string {
  const column = columnName(columns[0]!);
  const value = quoted(place[0]!);
  if (columns.length === 1) return `${column}.${operators.last}.${value}`;
  const rest = alternatives(columns.slice(1), place.slice(1), operators);
  return `${column}.${operators.strict}.${value},and(${column}.eq.${value},${columns.length === 2 ? rest : `or(${rest})`})`;
}
