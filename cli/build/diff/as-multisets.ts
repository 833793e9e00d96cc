import type { Queryable } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import type { RelationDiff } from './diff.js';

/** Compares whole rows, as they print, where no key is known: how often each stands in one and in the other. */
export async function diffAsMultisets(
  sql: Queryable,
  a: Relation,
  b: Relation,
  columns: readonly string[],
): Promise<RelationDiff['rows']> {
  // The text of a row tells null from '', and where a value ends.
  const row = `row(${columns.map((column) => `${quoteIdentifier(column)}::text`).join(', ')})::text collate "C"`;
  const [found] = await sql.unsafe<[Record<'a' | 'b' | 'onlyA' | 'onlyB', number>]>(`
    select coalesce(sum(in_a), 0)::int8 as a, coalesce(sum(in_b), 0)::int8 as b,
           coalesce(sum(greatest(in_a - in_b, 0)), 0)::int8 as "onlyA", coalesce(sum(greatest(in_b - in_a, 0)), 0)::int8 as "onlyB"
      from (select sum(of_a) as in_a, sum(of_b) as in_b
              from (select ${row} as row, 1 as of_a, 0 as of_b from ${quoteRelation(a)}
                    union all select ${row}, 0, 1 from ${quoteRelation(b)}) as both_sides
             group by row) as counted`);
  return { ...found, changed: 0, equal: found.a - found.onlyA };
}
