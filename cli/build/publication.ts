import type { Options } from '../config/options.js';
import type { Transaction } from '../database/connect.js';
import { insist } from '../database/insist.js';
import type { Emit } from '../events/events.js';
import { type Postgrest, type PostgrestNotice, watchShapes } from '../publish/postgrest.js';
import { type Kept, recordKept } from '../publish/relations.js';
import { type DefinitionRow, writeDefinitions } from './definitions-sql.js';
import { markPublished } from './history.js';
import { type FilledIntervals, recordIntervals } from './incremental/record-intervals.js';
import { type DecidedMove, type PublishMoves, publishMoves } from './publish-moves.js';
import type { RunSession } from './run-session.js';
import { recordPassedTests } from './state/passed-tests.js';

/** Everything that one publish writes. Texts and numbers only: a plan keeps it until it is published. */
export interface Publication {
  readonly moves: readonly DecidedMove[];
  /** Models whose rows readers see already. */
  readonly kept: readonly Kept[];
  /** Tests of their own that have passed. */
  readonly tests: readonly { readonly node: string; readonly fingerprint: string }[];
  readonly definitions: readonly DefinitionRow[];
  /** What has been filled of models that are filled by time. */
  readonly intervals: readonly { readonly node: string; readonly intervals: FilledIntervals }[];
}

export interface PublicationOptions {
  /** More statements of the same transaction. */
  readonly alongside?: (tx: Transaction) => Promise<void>;
  /** As in `PublishMoves`. */
  readonly decide: PublishMoves['decide'];
  readonly since: PublishMoves['since'];
  readonly emit: Emit;
}

/**
 * Publishes what is staged, with all that belongs to it, in one transaction.
 * @throws MedallionError MDL43xx, MDL5001, MDL5002
 */
export async function publishAll(
  session: RunSession,
  { moves, kept, tests, definitions, intervals }: Publication,
  { alongside = async () => {}, decide, since, emit }: PublicationOptions,
): Promise<void> {
  const { options } = session.project;
  const record = async (tx: Transaction) => {
    await recordKept(tx, options.name, kept);
    await recordPassedTests(tx, options.name, session.runId, tests);
    await writeDefinitions(tx, options.name, session.runId, definitions);
    await recordIntervals(tx, options.name, session.runId, intervals);
    await alongside(tx);
  };
  const places = moves.map(({ move }) => move.to);
  const tellPostgrest = await insist(() => watchShapes(session.side, postgrestOf(options), places));
  let notice: PostgrestNotice | undefined;
  const recordAndTell = async (tx: Transaction) => {
    await record(tx);
    notice = await tellPostgrest(tx);
  };
  // What is exposed may have changed although no relation has.
  if (moves.length === 0) await insist(() => session.side.begin(recordAndTell));
  else
    await publishMoves(session, moves, {
      async alongside(tx) {
        await recordAndTell(tx);
        await markPublished(tx, session.runId);
      },
      decide,
      since,
      emit,
    });
  if (notice) emit({ event: 'notice', ...notice });
}

/** PostgREST as the configuration describes it. */
function postgrestOf({ layers, postgrest }: Options): Postgrest {
  const exposed = [...layers.values()].filter(({ expose }) => expose).map(({ schema }) => schema);
  return { ...postgrest, exposed };
}
