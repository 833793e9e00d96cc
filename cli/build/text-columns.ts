import type { Queryable } from '../database/connect.js';
import { behindKey } from '../graph/sql-facts/behind.js';
import type { Word } from '../graph/sql-facts/facts.js';

/**
 * Which columns of what is published hold no date: asked only for the names of columns beside which queries have a word like `'today'`.
 * @returns by the relation's `behindKey` and the column's name: whether it holds none
 */
export async function readTextColumns(
  sql: Queryable,
  words: readonly Word[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, boolean>>> {
  const names = [...new Set(words.flatMap(({ columns }) => columns ?? []))];
  if (names.length === 0) return new Map();
  // Texts, enumerations, booleans and numbers.
  const rows = await sql<{ node: string; name: string; isText: boolean }[]>`
    select r.node, a.attname as name, bool_and(t.typcategory in ('S', 'E', 'B', 'N')) as "isText"
      from medallion.relations r
      join pg_namespace n on n.nspname = r.schema_name
      join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
     where a.attname = any(${names}::text[])
     group by 1, 2`;
  const columns = new Map<string, Map<string, boolean>>();
  for (const { node, name, isText } of rows) {
    const key = behindKey('relation', node);
    columns.set(key, (columns.get(key) ?? new Map()).set(name, isText));
  }
  return columns;
}
