import { hostname } from 'node:os';
import type { Queryable, Sql, Transaction } from '../database/connect.js';
import type { ErrorRecord } from '../errors/index.js';
import type { PublishedState, RunCounts } from '../events/events.js';
import { markAlive } from './crash-watch.js';

export interface RunStart {
  readonly project: string;
  readonly command: string;
  readonly target: string;
  readonly mdlVersion: string;
  readonly selection: string | null;
  /** What began it: `by hand`, `schedule nightly`. */
  readonly cause: string;
  /** What to run again with. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The run that it takes up again. */
  readonly retryOf: number | null;
}

/** Records the start of a run. Whoever holds the run lock may call runs that still say `running` crashed: their process is gone. */
export async function startRun(sql: Sql, start: RunStart): Promise<number> {
  return sql.begin(async (tx) => {
    await tx`
      update medallion.runs set status = 'crashed', finished_at = clock_timestamp()
       where project = ${start.project} and status = 'running'`;
    await tx`
      update medallion.loads set status = 'interrupted', finished_at = clock_timestamp()
       where project = ${start.project} and status = 'running'`;
    await tx`
      delete from medallion.alive a using medallion.runs r where r.run_id = a.run_id and r.project = ${start.project}`;
    const runId = await recordRun(tx, start);
    await markAlive(tx, runId);
    return runId;
  });
}

/** Whether the history still takes a run for one that goes on: a run that begins calls those before it crashed. */
export async function isRunning(sql: Sql, runId: number): Promise<boolean> {
  const { count } = await sql`select from medallion.runs where run_id = ${runId} and status = 'running'`;
  return count === 1;
}

/** Records a run as one that goes on. @returns its number */
export async function recordRun(tx: Transaction, start: RunStart): Promise<number> {
  const [row] = await tx<{ run_id: number }[]>`
    insert into medallion.runs (project, command, target, mdl_version, host, pid, selection, cause, options, retry_of)
    values (${start.project}, ${start.command}, ${start.target}, ${start.mdlVersion}, ${hostname()}, ${process.pid},
            ${start.selection}, ${start.cause}, ${tx.json(start.options as never)}, ${start.retryOf})
    returning run_id`;
  return row!.run_id;
}

export async function finishRun(
  sql: Queryable,
  runId: number,
  status: 'succeeded' | 'failed' | 'interrupted',
  counts: RunCounts,
  error: ErrorRecord | undefined,
): Promise<void> {
  await sql`
    update medallion.runs
       set status = ${status}, finished_at = clock_timestamp(), counts = ${sql.json(counts as never)}, error = ${error ? sql.json(error as never) : null}
     where run_id = ${runId}`;
}

/** Marks a run as the one whose data readers see; belongs into the publishing transaction. */
export async function markPublished(tx: Queryable, runId: number): Promise<void> {
  await tx`update medallion.runs set published_at = now() where run_id = ${runId}`;
}

/** The run whose data readers see now. */
export async function readPublishedState(sql: Queryable, project: string): Promise<PublishedState | null> {
  const [row] = await sql<{ run_id: number; published_at: Date }[]>`
    select run_id, published_at from medallion.runs
     where project = ${project} and published_at is not null
     order by published_at desc limit 1`;
  return row ? { runId: row.run_id, publishedAt: row.published_at.toISOString() } : null;
}

/** The run that holds the lock, in words. */
export async function describeRunningRun(sql: Queryable, project: string): Promise<string> {
  const [exists] = await sql<{ found: boolean }[]>`select to_regclass('medallion.runs') is not null as found`;
  if (!exists?.found) return 'one that is just beginning';
  const [row] = await sql<{ run_id: number; command: string; host: string; pid: number; since: string }[]>`
    select run_id, command, host, pid, to_char(started_at, 'HH24:MI:SS') as since
      from medallion.runs where project = ${project} and status = 'running' order by run_id desc limit 1`;
  return row
    ? `run ${row.run_id} (mdl ${row.command} on ${row.host}, process ${row.pid}, since ${row.since})`
    : 'one that is just beginning or ending';
}

/** Average seconds of each node in past successful runs: what the longest path is measured with. */
export async function readDurations(sql: Sql, project: string): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ node: string; ms: number }[]>`
    select n.node, avg(n.duration_ms) as ms
      from medallion.run_nodes n
     where n.status = 'succeeded'
       and n.run_id in (select run_id from medallion.runs where project = ${project} and status = 'succeeded' order by run_id desc limit 5)
     group by n.node`;
  return new Map(rows.map((row) => [row.node, row.ms]));
}
