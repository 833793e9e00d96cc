import { setTimeout as wait } from 'node:timers/promises';
import { type AttemptOptions, retryWaitMs } from '../../config/attempts.js';
import { errorCode } from '../../database/postgres-error.js';
import { type ErrorRecord, MedallionError } from '../../errors/index.js';
import type { TestResult } from '../../events/events.js';
import type { NodeName } from '../../project/model.js';
import type { NodeContext } from './context.js';

/**
 * Does something again as often as it may, as long as what it fails with may pass. Each wait is twice as long as the one before, and lets others go on.
 * @param attempt given its number, from 1
 * @param failure what an attempt failed with
 */
export async function withRetries<Result>(
  { emit, signal, stepAside, session }: NodeContext,
  node: NodeName,
  options: AttemptOptions,
  attempt: (number: number) => Promise<Result>,
  failure: (result: Result) => MedallionError | ErrorRecord | undefined,
): Promise<Result> {
  let result = await attempt(1);
  for (let number = 1; ; number++) {
    const error = failure(result);
    if (!error || number > options.retries || signal.aborted || !mayPass(error)) return result;
    const waitMs = retryWaitMs(options, number);
    const record = error instanceof MedallionError ? error.toJSON() : error;
    emit({ event: 'node.retried', node, attempt: number + 1, error: record, waitMs });
    await stepAside(() => wait(waitMs, undefined, { signal }).catch(() => {}));
    if (signal.aborted) return result;
    const lock = await session.lockState();
    // The stage is another run's.
    if (lock === 'taken') return result;
    // A server that does not answer yet has had its attempt.
    if (lock === 'unknown') continue;
    // A crash is to be noticed before the attempt, not in the middle of it.
    await session.flush().catch(() => {});
    result = await attempt(number + 1);
  }
}

/**
 * Connections, deadlocks, transactions that cannot be serialized, locks that were not to be had, memory and connections that others use. Not a full disk (53100), which no wait of
 * seconds makes emptier, and not a limit that was set (53400).
 */
const passingStates = /^(08...|57P0[1235]|25P03|40P01|40001|40003|55P03|53000|53200|53300)$/;
/** Of the way to a server, as Node and the driver name it. A file that is not there says ENOENT, and will not come by waiting. */
const passingCodes =
  /^(CONNECTION_|ECONN|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|UND_ERR_)/;

/** Whether the same may succeed a moment later. */
function mayPass(error: MedallionError | ErrorRecord): boolean {
  if (['MDL2006', 'MDL3022'].includes(error.code)) return true;
  if (error.postgres) return passingStates.test(error.postgres.sqlstate);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (passingCodes.test(errorCode(cause) ?? '')) return true;
  return false;
}

/** The first test that could not run, and might another time. */
export function passingTestError(tests: readonly TestResult[]): ErrorRecord | undefined {
  return tests.find(({ error }) => error && mayPass(error))?.error;
}
