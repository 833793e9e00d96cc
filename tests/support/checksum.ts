import { createHash } from 'node:crypto';
import type postgres from 'postgres';

/** A row as text that no other row has. */
const rowText = (values: readonly (string | null)[]) =>
  values.map((value) => (value === null ? 'n' : `${Buffer.byteLength(value)}:${value}`)).join(',');

/** How many rows, and a sum over all of their values in which their order does not count. */
export function checksumOf(rows: Iterable<readonly (string | null)[]>): { rows: number; sum: string } {
  let count = 0;
  let sum = 0n;
  for (const row of rows) {
    count++;
    sum += BigInt(`0x${createHash('md5').update(rowText(row)).digest('hex').slice(0, 15)}`);
  }
  return { rows: count, sum: String(sum) };
}

/** The same of a table in Postgres. */
export async function checksumIn(
  sql: postgres.Sql,
  table: string,
  columns: readonly string[],
): Promise<{ rows: number; sum: string }> {
  const text = columns
    .map(
      (column) =>
        `case when "${column}" is null then 'n' else octet_length("${column}") || ':' || "${column}" end`,
    )
    .join(` || ',' || `);
  const [row] = await sql.unsafe(
    `select count(*)::int as rows, sum(('x' || left(md5(${text}), 15))::bit(60)::bigint)::text as sum from ${table}`,
  );
  return { rows: row!.rows, sum: row!.sum };
}
