import type { Queryable, Sql, Transaction } from '../database/connect.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import { describeRunningRun } from './history.js';

export interface LockOptions {
  readonly project: string;
  /** Fail at once when another run holds the lock. */
  readonly noWait: boolean;
  /** See `Server`. */
  readonly isPooled: boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The lock of a run under way. */
export interface RunLock {
  /**
   * Takes the lock back where it was lost with its connection.
   * @returns whether it is held: if not, another run has it
   * @throws errors of the connection, as the driver has them
   */
  keep(): Promise<boolean>;
  /** Gives it back. */
  release(): Promise<void>;
}

/**
 * Takes the advisory lock of a project: one run at a time for each project and database. The lock belongs to the session, so it is gone
 * with the connection, however the process ends. Behind a pooler only a transaction has a connection of its own: there it belongs to
 * one that stays open, and holds nothing but the lock, as long as the run.
 * @param lockSql a pool of exactly one connection, kept open for the whole run
 * @throws MedallionError MDL5001 with noWait, MDL5002 when aborted while waiting
 */
export async function takeRunLock(lockSql: Sql, options: LockOptions): Promise<RunLock> {
  if (!options.isPooled) {
    await acquire(lockSql, 'pg_advisory_lock', 'pg_try_advisory_lock', options);
    const ask = async () => {
      const [row] = await lockSql<{ held: boolean }[]>`
        select pg_try_advisory_lock(hashtextextended(${lockName(options.project)}, 0)) as held`;
      return row!.held;
    };
    // Who holds it gets it again. The first statement on a new connection may fail with the error of the old one: see lost-connections.ts.
    return { keep: () => ask().catch(ask), release: async () => {} };
  }
  let held = await holdInTransaction(lockSql, options);
  return {
    async keep() {
      if (!held.isLost()) return true;
      try {
        held = await holdInTransaction(lockSql, { ...options, noWait: true });
        return true;
      } catch (cause) {
        if (cause instanceof MedallionError) return false;
        throw cause;
      }
    },
    release: () => held.release(),
  };
}

function holdInTransaction(
  lockSql: Sql,
  options: LockOptions,
): Promise<{ isLost(): boolean; release(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const held = lockSql.begin(async (tx) => {
      await tx`set local idle_in_transaction_session_timeout = 0`;
      await acquire(tx, 'pg_advisory_xact_lock', 'pg_try_advisory_xact_lock', options);
      await new Promise<void>((release) => {
        resolve({
          isLost: () => isOver,
          async release() {
            release();
            await held.catch(() => {});
          },
        });
      });
    });
    held.catch((cause: unknown) => {
      isOver = true;
      reject(cause);
    });
  });
}

async function acquire(
  sql: Queryable,
  wait: 'pg_advisory_lock' | 'pg_advisory_xact_lock',
  attempt: 'pg_try_advisory_lock' | 'pg_try_advisory_xact_lock',
  options: LockOptions,
): Promise<void> {
  const [row] = await sql<{ key: string; held: boolean }[]>`
    with lock as (select hashtextextended(${lockName(options.project)}, 0) as key)
    select key::text, ${sql.unsafe(attempt)}(key) as held from lock`;
  const { key, held } = row!;
  if (held) return;
  const holder = await describeRunningRun(sql, options.project);
  if (options.noWait) throw new MedallionError('MDL5001', { message: `Another run is going on: ${holder}.` });
  options.emit({ event: 'run.waiting', holder });
  const waiting = sql`select ${sql.unsafe(wait)}(${key}::int8)`;
  // A request to cancel that comes before the statement is lost: so it is made again. The driver forgets how after the first time.
  const again = waiting as unknown as { canceller: unknown };
  const { canceller } = again;
  let cancelling: NodeJS.Timeout | undefined;
  const cancel = () => {
    again.canceller = canceller;
    waiting.cancel();
    cancelling ??= setInterval(cancel, 250);
  };
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
    clearInterval(cancelling);
    options.signal.removeEventListener('abort', cancel);
  }
}

/** Whether somebody holds a project's lock: a run that says `running` while nobody does has crashed. */
export async function isRunLockHeld(sql: Queryable, project: string): Promise<boolean> {
  const [row] = await sql<{ held: boolean }[]>`select ${runLockHeld(sql, project)} as held`;
  return row!.held;
}

/** Takes the lock until the end of a transaction, if it is free. */
export async function tryRunLock(tx: Transaction, project: string): Promise<boolean> {
  const [row] = await tx<{ free: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${lockName(project)}, 0)) as free`;
  return row!.free;
}

/** The same as a part of a statement. @see https://www.postgresql.org/docs/current/view-pg-locks.html */
export function runLockHeld(sql: Queryable, project: string) {
  return sql`exists (
    select from pg_locks l, hashtextextended(${lockName(project)}, 0) as key
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and l.classid = ((key >> 32) & 4294967295)::oid and l.objid = (key & 4294967295)::oid)`;
}

function lockName(project: string): string {
  return `medallion:run:${project}`;
}
