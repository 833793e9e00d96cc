import type { Sql } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation } from '../../database/identifiers.js';
import { comparedColumns, keyColumn, type Sides, sameKey } from './sides.js';

/** Rows that are looked up: enough to tell a tenth from a half. */
const sampleRows = 200;
/** They are taken from so many times as many, which lie block by block: what has changed may lie together. */
const spread = 20;

/**
 * Guesses how many rows differ, from some that are looked up by their key: where it is plain that most do, nothing more has to be compared.
 * @param rows of the staged relation, about
 * @returns the share of staged rows that are not published just so, from 0 to 1; undefined where the sample has met none
 */
export async function sampleDifference(sql: Sql, sides: Sides, rows: number): Promise<number | undefined> {
  const columns = comparedColumns(sides);
  const row = (alias: string) =>
    `row(${columns.map((name) => `${alias}.${quoteIdentifier(name)}`).join(', ')})::record`;
  const differs = columns.length === 0 ? 'false' : `${row('p')} operator(pg_catalog.*<>) ${row('s')}`;
  const percent = Math.min(100, (100 * spread * sampleRows) / Math.max(1, rows));
  const share = sampleRows / Math.max(1, (rows * percent) / 100);
  // "offset 0": so few are looked up, each by the index of the key, where the planner would rather read all rows of a table of some thousands.
  const [counted] = await sql.unsafe<{ looked: number; differ: number }[]>(
    `select count(*) as looked, count(*) filter (where p.${quoteIdentifier(sides.key[0]!)} is null or ${differs}) as differ
       from (select * from ${quoteRelation(sides.staged)} tablesample system (${percent}) where random() < ${share} offset 0) s
       left join lateral (
              select * from ${quoteRelation(sides.published)} p
               where ${sameKey(sides, keyColumn(sides, 'p'), keyColumn(sides, 's'))} offset 0) p on true`,
  );
  return counted!.looked === 0 ? undefined : counted!.differ / counted!.looked;
}
