import type { Queryable } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';

export interface DeltaCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** How many rows a delta would insert, update and delete. */
export async function readDeltaCounts(sql: Queryable, delta: Relation): Promise<DeltaCounts> {
  const [counts] = await sql.unsafe<[Record<keyof DeltaCounts, number>]>(
    `select count(*) filter (where mdl_op = 'i') as inserted, count(*) filter (where mdl_op = 'u') as updated,
            count(*) filter (where mdl_op = 'd') as deleted
       from ${quoteRelation(delta)}`,
  );
  return counts;
}
