import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import type { Incremental } from '../../project/model.js';
import { type Interval, isIn } from './time-query.js';

/** The new rows of a model, in a table of their own, beside those that are published. */
export interface NewRows {
  readonly incremental: Incremental;
  readonly published: Relation;
  /** The table that holds them. */
  readonly fresh: Relation;
  /** Of a model that is filled by time: what has been filled. */
  readonly intervals: readonly Interval[];
  /** The operator by which values of a key's column are equal, whatever the search path. */
  readonly equality: ReadonlyMap<string, string>;
}

/** SQL for whether a published row, `p`, goes or is replaced; undefined: all stay. */
export function goes({ incremental, fresh, intervals, equality }: NewRows): string | undefined {
  switch (incremental.strategy) {
    case 'append':
      return undefined;
    case 'merge':
    case 'delete+insert':
      return `exists (select from ${quoteRelation(fresh)} n where ${sameColumns('p', 'n', incremental.key, equality)})`;
    case 'time_range':
      return `(${isIn(`p.${quoteIdentifier(incremental.timeColumn)}`, intervals)})`;
  }
}

/** Published rows that stay, for a `from`: `from <this> where ...`. */
export function staying(rows: NewRows): string {
  return `${quoteRelation(rows.published)} p where ${stays(rows)}`;
}

function stays(rows: NewRows): string {
  const gone = goes(rows);
  if (gone === undefined) return 'true';
  // Postgres joins by `not exists`, and would ask for each row by `exists is not true`.
  return rows.incremental.strategy === 'time_range' ? `${gone} is not true` : `not ${gone}`;
}

/** SQL for whether two rows are equal in some columns. */
export function sameColumns(
  left: string,
  right: string,
  columns: readonly string[],
  equality: ReadonlyMap<string, string>,
): string {
  return columns
    .map((column) => {
      const name = quoteIdentifier(column);
      return `${left}.${name} ${equality.get(column) ?? '='} ${right}.${name}`;
    })
    .join(' and ');
}

/** A select of the model as it will be when the new rows are published. */
export function wholeSql(
  rows: NewRows,
  columns: readonly { readonly name: string; readonly published: string; readonly fresh: string }[],
): string {
  const list = (side: 'published' | 'fresh') =>
    columns.map((column) => `${column[side]} as ${quoteIdentifier(column.name)}`).join(', ');
  return `select ${list('published')} from ${staying(rows)}
union all
select ${list('fresh')} from ${quoteRelation(rows.fresh)} n`;
}
