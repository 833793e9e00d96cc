import type { Queryable, Sql } from '../database/connect.js';
import { insist } from '../database/insist.js';
import { isNobodyRunning, type OccurrenceStatus } from './occurrences.js';
import type { UnattendedOutcome } from './unattended.js';

/** Told whenever a trigger fires: `loja/inbox`. Behind a transaction pooler nobody hears it, and looks now and then. */
export const triggersChannel = 'medallion_triggers';

/** A signed request that comes again within this time is the same request: it was sent twice, or somebody recorded it. */
const replayMs = 5 * 60_000;
/** Whoever carries a run out says so this often; after the second time it is gone. */
export const aliveEveryMs = 15_000;
const goneAfterMs = 60_000;

function tellFired(sql: Queryable, project: string, trigger: string) {
  return sql`select pg_notify(${triggersChannel}, ${`${project}/${trigger}`})`;
}

/** Writes down that a trigger fired: whoever carries triggers out, now or later, finds it. */
export async function fire(sql: Sql, project: string, trigger: string): Promise<void> {
  // Nobody tells of it twice.
  await insist(async () => {
    await sql`
      insert into medallion.triggers (project, trigger, fired_at) values (${project}, ${trigger}, clock_timestamp())
      on conflict (project, trigger) do update set fired_at = excluded.fired_at`;
    await tellFired(sql, project, trigger);
  });
}

/** The same for a request, which fires once however often it comes. @param request what tells it from others */
export async function fireOnce(sql: Sql, project: string, trigger: string, request: string): Promise<void> {
  await changeSeen(sql, project, trigger, (seen) => {
    const now = Date.now();
    const recent = Object.entries(seen).filter(([, at]) => now - Number(at) < replayMs);
    if (recent.some(([known]) => known === request)) return undefined;
    return { ...Object.fromEntries(recent), [request]: String(now) };
  });
}

/** What a trigger has seen, by what names it. */
export type Seen = Readonly<Record<string, string>>;

export async function readSeen(sql: Sql, project: string, trigger: string): Promise<Seen> {
  const [row] = await sql<{ seen: Seen }[]>`
    select seen from medallion.triggers where project = ${project} and trigger = ${trigger}`;
  return row?.seen ?? {};
}

/**
 * Fires if there is something that nobody has seen yet. Of several daemons one does.
 * @param change what has been seen then; undefined: nothing is new
 * @returns what has been seen now
 */
export async function changeSeen(
  sql: Sql,
  project: string,
  trigger: string,
  change: (seen: Seen) => Seen | undefined,
): Promise<Seen> {
  return sql.begin(async (tx) => {
    await tx`
      insert into medallion.triggers (project, trigger) values (${project}, ${trigger}) on conflict do nothing`;
    const [row] = await tx<{ seen: Seen }[]>`
      select seen from medallion.triggers where project = ${project} and trigger = ${trigger} for update`;
    const seen = change(row!.seen);
    if (!seen) return row!.seen;
    await tx`
      update medallion.triggers set seen = ${tx.json(seen)}, fired_at = clock_timestamp()
       where project = ${project} and trigger = ${trigger}`;
    await tellFired(tx, project, trigger);
    return seen;
  });
}

/** Whether it fired, and no run has begun since. */
export async function isPending(sql: Sql, project: string, trigger: string): Promise<boolean> {
  const [row] = await sql<{ pending: boolean }[]>`
    select fired_at > coalesce(begun_at, '-infinity') and coalesce(status, '') not in ('running', 'rerunning') as pending
      from medallion.triggers where project = ${project} and trigger = ${trigger}`;
  return row?.pending ?? false;
}

/** Takes what has fired until now. @returns false when there is nothing, or somebody else has it */
export async function take(sql: Sql, project: string, trigger: string): Promise<boolean> {
  const taken = await sql`
    update medallion.triggers
       set begun_at = clock_timestamp(), alive_at = clock_timestamp(), finished_at = null, status = 'running', attempts = 0, run_id = null
     where project = ${project} and trigger = ${trigger}
       and fired_at > coalesce(begun_at, '-infinity') and coalesce(status, '') not in ('running', 'rerunning')`;
  return taken.count === 1;
}

export async function sayAlive(sql: Sql, project: string, trigger: string): Promise<void> {
  await sql`update medallion.triggers set alive_at = clock_timestamp() where project = ${project} and trigger = ${trigger}`;
}

export async function recordTriggerRun(
  sql: Sql,
  project: string,
  trigger: string,
  runId: number,
): Promise<void> {
  await sql`update medallion.triggers set run_id = ${runId} where project = ${project} and trigger = ${trigger}`;
}

/** @param putBack it was not the run's fault: the next daemon carries it out */
export async function finishTrigger(
  sql: Sql,
  project: string,
  trigger: string,
  { status, attempts, runId }: UnattendedOutcome,
  putBack: boolean,
): Promise<void> {
  await sql`
    update medallion.triggers
       set status = ${status}, attempts = ${attempts}, run_id = ${runId}, finished_at = clock_timestamp(),
           begun_at = case when ${putBack} then null else begun_at end
     where project = ${project} and trigger = ${trigger}`;
}

/** What somebody carried out who is gone. */
export interface CrashedTrigger {
  readonly runId: number | null;
  /** It was not run again for that reason yet. */
  readonly isFirst: boolean;
}

/**
 * Finds out whether whoever carried the trigger out is gone: nobody has said for a while that he is there, or, when a daemon begins, nobody runs anything.
 * @param takeOver the one who finds it runs it again
 * @returns what it left; undefined: nothing
 */
export async function findCrashed(
  sql: Sql,
  project: string,
  trigger: string,
  { isBeginning, takeOver }: { readonly isBeginning: boolean; readonly takeOver: boolean },
): Promise<CrashedTrigger | undefined> {
  return sql.begin(async (tx) => {
    const [row] = await tx<{ status: string; runId: number | null; gone: boolean }[]>`
      select status, run_id as "runId", alive_at < clock_timestamp() - ${goneAfterMs} * interval '1 ms' as gone
        from medallion.triggers
       where project = ${project} and trigger = ${trigger} and status in ('running', 'rerunning') for update`;
    if (!row || !(row.gone || isBeginning) || !(await isNobodyRunning(tx, project))) return undefined;
    const isFirst = row.status === 'running';
    const again = takeOver && isFirst;
    await tx`
      update medallion.triggers
         set status = ${again ? 'rerunning' : 'crashed'}, alive_at = clock_timestamp(), begun_at = ${again ? tx`clock_timestamp()` : tx`begun_at`},
             finished_at = ${again ? null : tx`clock_timestamp()`}
       where project = ${project} and trigger = ${trigger}`;
    return { runId: row.runId, isFirst };
  });
}

/** What became of the triggers of a project, by name. */
export interface TriggerState {
  readonly trigger: string;
  readonly firedAt: Date | null;
  readonly status: OccurrenceStatus | 'rerunning' | null;
  readonly attempts: number;
  readonly runId: number | null;
  /** It waits for a run. */
  readonly pending: boolean;
}

export async function listTriggers(sql: Sql, project: string): Promise<readonly TriggerState[]> {
  return sql<TriggerState[]>`
    select trigger, fired_at as "firedAt", status, attempts, run_id as "runId", coalesce(fired_at > coalesce(begun_at, '-infinity'), false) as pending
      from medallion.triggers where project = ${project} order by trigger`;
}
