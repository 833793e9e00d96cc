import type { Queryable, Sql } from '../database/connect.js';

export type OccurrenceStatus =
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'interrupted'
  | 'timed out'
  | 'crashed'
  | 'overlap'
  | 'missed'
  | 'busy'
  | 'overtaken';

export interface Occurrence {
  readonly schedule: string;
  readonly due: Date;
  readonly status: OccurrenceStatus;
  readonly attempts: number;
  readonly runId: number | null;
}

/** Up to when a schedule is settled. One that is new is settled until `now`: what came before it was there is not made up for. */
export async function readHandled(sql: Sql, project: string, schedule: string, now: number): Promise<number> {
  const [row] = await sql<{ handled: Date }[]>`
    insert into medallion.schedules as s (project, name, handled_until) values (${project}, ${schedule}, ${new Date(now)})
    on conflict (project, name) do update set name = excluded.name
    returning handled_until as handled`;
  return row!.handled.getTime();
}

/** Settles occurrences that are not run, and everything up to `until`. */
export async function settle(
  sql: Sql,
  project: string,
  schedule: string,
  until: number,
  skipped: readonly { readonly due: number; readonly reason: 'overlap' | 'missed' }[],
): Promise<void> {
  await sql.begin(async (tx) => {
    for (const { due, reason } of skipped)
      await tx`
        insert into medallion.occurrences (project, schedule, due, status, finished_at)
        values (${project}, ${schedule}, ${new Date(due)}, ${reason}, now()) on conflict do nothing`;
    await tx`
      update medallion.schedules set handled_until = greatest(handled_until, ${new Date(until)})
       where project = ${project} and name = ${schedule}`;
  });
}

/** Takes an occurrence. @returns false when somebody else has it: of several daemons one runs it */
export async function claim(sql: Sql, project: string, schedule: string, due: number): Promise<boolean> {
  const claimed = await sql`
    insert into medallion.occurrences (project, schedule, due, status)
    values (${project}, ${schedule}, ${new Date(due)}, 'running') on conflict do nothing returning 1`;
  return claimed.count === 1;
}

/** Which run it is, as soon as that is known: whoever finds it crashed can take it up. */
export async function recordRun(
  sql: Sql,
  project: string,
  schedule: string,
  due: number,
  runId: number,
): Promise<void> {
  await sql`
    update medallion.occurrences set run_id = ${runId}
     where project = ${project} and schedule = ${schedule} and due = ${new Date(due)} and status in ('running', 'crashed')`;
}

/** Records how an attempt ended. Whoever had the schedule's turn before, and did not say how it ended, crashed: runs go one at a time. */
export async function finish(
  sql: Sql,
  project: string,
  { schedule, due, status, attempts, runId }: Omit<Occurrence, 'due'> & { readonly due: number },
): Promise<void> {
  await sql`
    update medallion.occurrences set status = ${status}, attempts = ${attempts}, run_id = ${runId}, finished_at = now()
     where project = ${project} and schedule = ${schedule} and due = ${new Date(due)}`;
  await sql`
    update medallion.occurrences set status = 'crashed', finished_at = now()
     where project = ${project} and schedule = ${schedule} and due < ${new Date(due)} and status = 'running'`;
}

/** Whether the lock of the project's runs is free; until the end of the transaction nobody can take it then. */
export async function isNobodyRunning(tx: Queryable, project: string): Promise<boolean> {
  const [lock] = await tx<{ free: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`medallion:run:${project}`}, 0)) as free`;
  return lock!.free;
}

/**
 * Occurrences that somebody took and who is gone: nobody holds the lock of the project's runs.
 * @returns those, now marked as crashed
 */
export async function settleCrashed(
  sql: Sql,
  project: string,
  schedule: string,
): Promise<readonly { readonly due: number; readonly runId: number | null }[]> {
  return sql.begin(async (tx) => {
    if (!(await isNobodyRunning(tx, project))) return [];
    const rows = await tx<{ due: Date; runId: number | null }[]>`
      update medallion.occurrences set status = 'crashed', finished_at = now()
       where project = ${project} and schedule = ${schedule} and status = 'running'
      returning due, run_id as "runId"`;
    return rows
      .map(({ due, runId }) => ({ due: due.getTime(), runId }))
      .sort((one, other) => one.due - other.due);
  });
}

/** What became of the latest occurrences of each schedule, newest first. */
export async function listOccurrences(
  sql: Sql,
  project: string,
  limit: number,
): Promise<readonly Occurrence[]> {
  return sql<Occurrence[]>`
    select schedule, due, status, attempts, run_id as "runId"
      from (select *, row_number() over (partition by schedule order by due desc) as place
              from medallion.occurrences where project = ${project}) o
     where place <= ${limit}
     order by schedule, due desc`;
}
