import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionLoss } from './postgres-error.js';

/** A session that was ended is there again at once, a server that was started again a moment later. */
const waitsMs = [10, 100, 1000];

/** Does again what the loss of a connection has interrupted. @param work that comes to the same when it is done twice */
export async function insist<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const waitMs of waitsMs) {
    try {
      return await work();
    } catch (cause) {
      if (!isConnectionLoss(cause)) throw cause;
      await sleep(waitMs);
    }
  }
  return work();
}
