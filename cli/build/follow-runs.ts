import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../database/connect.js';
import { migrateIfMade } from '../database/migrations/index.js';
import type { Event } from '../events/events.js';
import { isRunLockHeld } from './run-lock.js';

/** What a run told, as the history keeps it. */
export interface LoggedEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly at: Date;
  readonly event: Event;
}

/** @param after the sequence number up to which events are known */
export function readRunEvents(
  sql: Sql,
  runId: number,
  after: number,
  limit: number,
): Promise<readonly LoggedEvent[]> {
  return sql<LoggedEvent[]>`
    select seq, at, event from medallion.run_events
     where run_id = ${runId} and seq > ${after} order by seq limit ${limit}`;
}

/** What a follower hears: an event, or that a run ended without a word. */
export type Followed =
  | { readonly runId: number; readonly event: Event }
  | { readonly runId: number; readonly crashed: true };

/** Runs write five times a second. By looking and not by `listen`, which poolers do not have. */
const lookEveryMs = 250;

export interface FollowOptions {
  /** Only this run, from its beginning; undefined: the run that goes on, if one does, and all that come after. */
  readonly runId?: number | undefined;
  readonly signal: AbortSignal;
}

/** What runs tell, whoever carries them out, until the followed one has ended or the signal aborts. */
export async function* followRuns(
  sql: Sql,
  project: string,
  { runId, signal }: FollowOptions,
): AsyncGenerator<Followed> {
  let after = runId === undefined ? await lastEnded(sql, project) : runId - 1;
  while (!signal.aborted) {
    const next = runId ?? (await nextRun(sql, project, after));
    if (next === undefined) {
      await pause(signal);
      continue;
    }
    yield* followOne(sql, project, next, signal);
    if (runId !== undefined) return;
    after = next;
  }
}

async function* followOne(
  sql: Sql,
  project: string,
  runId: number,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  let seq = 0;
  while (!signal.aborted) {
    // Looked at first: what it wrote before it ended is read after.
    const isOver = !(await goesOn(sql, project, runId));
    const events = await readRunEvents(sql, runId, seq, 1000);
    for (const logged of events) {
      yield { runId, event: logged.event };
      seq = logged.seq;
      if (logged.event.event === 'run.finished') return;
    }
    if (events.length > 0) continue;
    if (isOver) {
      yield { runId, crashed: true };
      return;
    }
    await pause(signal);
  }
}

async function goesOn(sql: Sql, project: string, runId: number): Promise<boolean> {
  const [run] = await sql<{ status: string }[]>`select status from medallion.runs where run_id = ${runId}`;
  return run?.status === 'running' && (await isRunLockHeld(sql, project));
}

async function nextRun(sql: Sql, project: string, after: number): Promise<number | undefined> {
  if (!(await migrateIfMade(sql))) return undefined;
  const [run] = await sql<{ run_id: number }[]>`
    select run_id from medallion.runs where project = ${project} and run_id > ${after} order by run_id limit 1`;
  return run?.run_id;
}

/** The latest run that has ended: followers begin with what comes after it. */
async function lastEnded(sql: Sql, project: string): Promise<number> {
  if (!(await migrateIfMade(sql))) return 0;
  const [run] = await sql<{ run_id: number; status: string }[]>`
    select run_id, status from medallion.runs where project = ${project} order by run_id desc limit 1`;
  if (!run) return 0;
  return run.status === 'running' && (await isRunLockHeld(sql, project)) ? run.run_id - 1 : run.run_id;
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
}
