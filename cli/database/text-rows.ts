import type { TextRows } from '../events/events.js';
import type { Sql } from './connect.js';

/** int2, int4, int8, float4, float8, numeric. */
const numericTypes = new Set([21, 23, 20, 700, 701, 1700]);

/**
 * The first rows of any select, each value in the text form in which Postgres prints it: nothing is rounded on the way.
 * @param statement one select, without a semicolon
 * @throws errors as the driver raises them
 */
export async function readTextRows(sql: Sql, statement: string, limit: number): Promise<TextRows> {
  const described = await sql.unsafe(statement).describe();
  const columns = described.columns.map(({ name, type }) => ({ name, numeric: numericTypes.has(type) }));
  // Columns are named by their place: a select may return one name twice.
  const names = columns.map((_, i) => `c${i}`);
  const rows = await sql.unsafe<Record<string, string | null>[]>(
    `select ${names.map((name) => `${name}::text as ${name}`).join(', ')} from (\n${statement}\n) as shown${names.length > 0 ? ` (${names.join(', ')})` : ''} limit ${limit}`,
  );
  return { columns, rows: rows.map((row) => names.map((name) => row[name]!)) };
}
