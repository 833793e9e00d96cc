import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../database/connect.js';
import { MedallionError } from '../errors/index.js';
import { isRunLockHeld } from './run-lock.js';

/** How often a run looks whether somebody has asked for its end. */
const lookEveryMs = 1000;

/**
 * Looks whether somebody asks for a run's end, by a table and not by `listen`, which poolers do not have.
 * @returns ends the watch
 */
export function watchForCancel(sql: Sql, runId: number, onCancel: (by: string) => void): () => Promise<void> {
  const ending = new AbortController();
  const watch = async () => {
    while (!ending.signal.aborted) {
      await sleep(lookEveryMs, undefined, { ref: false, signal: ending.signal });
      // The connection's own trouble is told by whoever needs it for the run, which may outlast it.
      const [row] = await sql<{ by: string }[]>`
        select coalesce(cancel_requested_by, '') as by from medallion.runs
         where run_id = ${runId} and cancel_requested_at is not null`.catch(() => []);
      if (row) return onCancel(row.by);
    }
  };
  const watching = watch().catch(() => {});
  return () => {
    ending.abort();
    return watching;
  };
}

/**
 * Asks a run to end, wherever it runs; it does so within a second or two.
 * @param by who asks, in words
 * @throws MedallionError MDL5003 (no such run), MDL5004 (it has ended)
 */
export async function requestCancel(sql: Sql, project: string, runId: number, by: string): Promise<void> {
  const [run] = await sql<{ status: string }[]>`
    select status from medallion.runs where project = ${project} and run_id = ${runId}`;
  if (!run) throw new MedallionError('MDL5003', { message: `There is no run ${runId} of ${project}.` });
  if (run.status !== 'running' || !(await isRunLockHeld(sql, project)))
    throw new MedallionError('MDL5004', { message: `Run ${runId} has ended already.` });
  await sql`
    update medallion.runs set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()), cancel_requested_by = ${by}
     where run_id = ${runId} and status = 'running'`;
}
