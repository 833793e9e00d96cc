import type { Sql } from '../database/connect.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import { describeRunningRun } from './history.js';

export interface LockOptions {
  readonly project: string;
  /** Fail at once when another run holds the lock. */
  readonly noWait: boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Takes the advisory lock of a project: one run at a time for each project and database. The lock belongs to the session, so it is gone
 * with the connection, however the process ends.
 * @param lockSql a pool of exactly one connection, kept open for the whole run
 * @returns the lock's key, as text
 * @throws MedallionError MDL5001 with noWait, MDL5002 when aborted while waiting
 */
export async function takeRunLock(lockSql: Sql, options: LockOptions): Promise<string> {
  const [row] = await lockSql<{ key: string; held: boolean }[]>`
    with lock as (select hashtextextended(${`medallion:run:${options.project}`}, 0) as key)
    select key::text, pg_try_advisory_lock(key) as held from lock`;
  const { key, held } = row!;
  if (held) return key;
  const holder = await describeRunningRun(lockSql, options.project);
  if (options.noWait) throw new MedallionError('MDL5001', { message: `Another run is going on: ${holder}.` });
  options.emit({ event: 'run.waiting', holder });
  const waiting = lockSql`select pg_advisory_lock(${key}::int8)`;
  const cancel = () => waiting.cancel();
  options.signal.addEventListener('abort', cancel, { once: true });
  try {
    if (options.signal.aborted) cancel();
    await waiting;
  } catch (cause) {
    if (options.signal.aborted)
      throw new MedallionError('MDL5002', {
        message: `Interrupted while waiting for another run (${holder}).`,
        cause,
      });
    throw cause;
  } finally {
    options.signal.removeEventListener('abort', cancel);
  }
  return key;
}
