import type { Queryable } from '../../database/connect.js';
import type { PublishPlan } from './publish-plan.js';

export interface StoredPlan {
  /** The run that made it. */
  readonly runId: number;
  readonly madeAt: Date;
  readonly plan: PublishPlan;
}

/** Keeps a plan as the open one; there must be none. */
export async function storePlan(
  sql: Queryable,
  project: string,
  runId: number,
  plan: PublishPlan,
): Promise<Date> {
  const [row] = await sql<[{ made_at: Date }]>`
    insert into medallion.plans (project, run_id, status, plan)
    values (${project}, ${runId}, 'open', ${JSON.stringify(plan)}::text::json)
    returning made_at`;
  return row.made_at;
}

/** The plan that can be published, if there is one. */
export async function readOpenPlan(sql: Queryable, project: string): Promise<StoredPlan | undefined> {
  const [row] = await sql<[{ run_id: number; made_at: Date; plan: PublishPlan }?]>`
    select run_id, made_at, plan from medallion.plans where project = ${project} and status = 'open'`;
  return row && { runId: row.run_id, madeAt: row.made_at, plan: row.plan };
}

/** How the latest plan ended, if there is none that is open. */
export async function readEndedPlan(
  sql: Queryable,
  project: string,
): Promise<{ readonly runId: number; readonly status: string; readonly endedBy: string | null } | undefined> {
  const [row] = await sql<[{ run_id: number; status: string; ended_by: string | null }?]>`
    select run_id, status, ended_by from medallion.plans where project = ${project} order by run_id desc limit 1`;
  return row && { runId: row.run_id, status: row.status, endedBy: row.ended_by };
}
