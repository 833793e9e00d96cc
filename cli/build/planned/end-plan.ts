import type { Queryable } from '../../database/connect.js';

/**
 * The open plan is that no more.
 * @param by the command because of which
 * @returns the run that made it; undefined: there was none
 */
export async function endOpenPlan(
  sql: Queryable,
  project: string,
  status: 'published' | 'discarded' | 'outdated',
  by: string,
): Promise<number | undefined> {
  const [row] = await sql<[{ run_id: number }?]>`
    update medallion.plans set status = ${status}, ended_at = clock_timestamp(), ended_by = ${by}
     where project = ${project} and status = 'open' returning run_id`;
  return row?.run_id;
}
