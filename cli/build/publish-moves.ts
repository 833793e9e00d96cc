import { setTimeout as sleep } from 'node:timers/promises';
import { retryWaitMs } from '../config/attempts.js';
import type { Transaction } from '../database/connect.js';
import { isConnectionLoss } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import { RefusedDelta, StaleDelta } from '../publish/apply-delta.js';
import type { Move } from '../publish/move.js';
import { publishError } from '../publish/publish.js';
import { refillDelta } from './compare-staged.js';
import type { RunSession } from './run-session.js';

/** A move, and why it goes the way it goes. */
export interface DecidedMove {
  readonly move: Move;
  readonly why: string;
  /** The project demands that rows are written, and the relation stays. */
  readonly mustStay: boolean;
}

export interface PublishMoves {
  readonly alongside: (tx: Transaction) => Promise<void>;
  /** Relations that were to stay have to be replaced after all, for these reasons: what is staged and reads them has to read their successors. */
  readonly decide: (forced: ReadonlyMap<string, string>) => Promise<readonly DecidedMove[]>;
  /** Crashes of the server that had been noticed before the stage was made ready for this. */
  readonly since: number;
  readonly emit: Emit;
}

/** How often deltas are made anew because others go on writing into what is published. */
const mostRefills = 5;

/**
 * Publishes moves in one transaction and tells of it. A delta whose rows others have changed meanwhile is made anew; where rows cannot be written one by one
 * because of other keys, all relations are swapped that have a table of their own in the stage. A lost connection is tried again as the project says.
 * @throws MedallionError MDL43xx, MDL5001, MDL5002
 */
export async function publishMoves(
  session: RunSession,
  decided: readonly DecidedMove[],
  { alongside, decide, since, emit }: PublishMoves,
): Promise<void> {
  let moves = decided;
  let [refills, losses] = [0, 0];
  for (;;) {
    try {
      await session.crashWatch.requireNone(since, 'what was in the stage');
      const { durationMs, attempts } = await session.publish(
        moves.map(({ move }) => move),
        alongside,
      );
      const nodes = moves.map(({ move }) => move.node);
      emit({ event: 'publish.finished', nodes, how: moves.map(told), durationMs, attempts });
      return;
    } catch (cause) {
      if (isLoss(cause) && losses < session.project.options.attempts.retries) {
        await waitAfterLoss(session, ++losses, publishError(cause), emit);
      } else if (cause instanceof StaleDelta && refills++ < mostRefills) {
        const stale = cause.move;
        const delta = await refillDelta(session.side, stale.delta);
        moves = moves.map((one) =>
          one.move.node === stale.node ? { ...one, move: { ...one.move, delta } } : one,
        );
      } else if (cause instanceof RefusedDelta) {
        const written = moves.filter(({ move }) => move.delta?.isWhole);
        if (!cause.move.delta.isWhole || written.some(({ mustStay }) => mustStay))
          throw publishError(cause.cause);
        moves = await decide(new Map(written.map(({ move }) => [move.node, noRows])));
      } else throw cause instanceof StaleDelta ? staleError(cause) : cause;
    }
  }
}

function staleError(cause: StaleDelta): MedallionError {
  const { node, to } = cause.move;
  return new MedallionError('MDL4304', {
    message: `Publishing failed: the published rows of ${node} are not those that the new ones were compared with, however often they are compared.`,
    hint: `Others go on writing into ${to.schema}.${to.name}, or a trigger or rule of theirs keeps its rows from being written: have them stop, or take that away, and build again.`,
    cause,
  });
}

/** Not a crash of the server, which has the same code, and comes of no error. */
function isLoss(cause: unknown): boolean {
  return isConnectionLoss(cause instanceof MedallionError ? cause.cause : cause);
}

/** @throws `loss` where another attempt would be for nothing */
async function waitAfterLoss(
  { project, signal, lockState }: RunSession,
  losses: number,
  loss: MedallionError,
  emit: Emit,
): Promise<void> {
  const waitMs = retryWaitMs(project.options.attempts, losses);
  emit({ event: 'publish.retried', attempt: losses, waitedMs: waitMs, error: loss.toJSON() });
  await sleep(waitMs, undefined, { signal }).catch(() => {});
  if (signal.aborted || (await lockState()) === 'taken') throw loss;
}

const noRows = 'other keys forbid to write rows one by one';

/** @param why it cannot be written row by row; undefined: it can */
export function asSwap(decided: DecidedMove, why: string | undefined): DecidedMove {
  return why === undefined ? decided : { ...decided, why, move: { ...decided.move, delta: undefined } };
}

function told({ move: { node, delta }, why }: DecidedMove) {
  return { node, how: delta ? ('delta' as const) : ('swap' as const), why, ...delta?.counts };
}
