import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../database/connect.js';
import { isRunning } from './history.js';
import type { RunLock } from './run-lock.js';

/** `taken`: another run has, or had, the lock; `unknown`: the database does not answer. */
export type LockState = 'held' | 'taken' | 'unknown';

export interface LockGuard {
  /** Whether the stage is still this run's; a lock that was lost with its connection is taken back. */
  state(): Promise<LockState>;
  /** The connection of the lock has ended: the lock is taken back at once, or as soon as the server is there again. */
  onLost(): void;
  /** The lock is given back on purpose. */
  stop(): void;
}

const askAgainMs = 100;

/**
 * Keeps a run's lock over lost connections and restarts of the server.
 * @param onTaken another run was faster: the stage is that one's
 */
export function guardLock(lock: RunLock, side: Sql, runId: number, onTaken: () => void): LockGuard {
  let stopped = false;
  let watching = false;
  const state = async (): Promise<LockState> => {
    try {
      return (await lock.keep()) && (await isRunning(side, runId)) ? 'held' : 'taken';
    } catch {
      return 'unknown';
    }
  };
  const takeBack = async () => {
    for (let now: LockState = 'unknown'; now === 'unknown' && !stopped; ) {
      now = await state();
      if (now === 'taken') onTaken();
      else if (now === 'unknown') await sleep(askAgainMs, undefined, { ref: false });
    }
    watching = false;
  };
  return {
    state,
    onLost() {
      if (stopped || watching) return;
      watching = true;
      void takeBack();
    },
    stop() {
      stopped = true;
    },
  };
}
