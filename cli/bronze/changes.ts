import type { Sql } from '../database/connect.js';

/** Rows of a bronze table that loads changed. */
export interface RowChanges {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/**
 * What loads have changed in bronze tables since a data version of each; a load that replaced all rows counts all of them as inserted.
 * @param entries a bronze table, and the data version that is already known of it
 * @returns by node, one for each entry; loads that were pruned from the history are not counted
 */
export async function changesSince(
  sql: Sql,
  project: string,
  entries: readonly { readonly node: string; readonly version: number }[],
): Promise<ReadonlyMap<string, RowChanges>> {
  const rows = await sql<(RowChanges & { node: string })[]>`
    select e.node, coalesce(sum(l.inserted), 0)::int8 as inserted, coalesce(sum(l.updated), 0)::int8 as updated, coalesce(sum(l.deleted), 0)::int8 as deleted
      from jsonb_to_recordset(${sql.json(entries as never)}) as e (node text, version int8)
      left join medallion.loads l on l.project = ${project} and l.bronze_table = e.node and l.data_version > e.version
     group by e.node`;
  return new Map(rows.map(({ node, inserted, updated, deleted }) => [node, { inserted, updated, deleted }]));
}
