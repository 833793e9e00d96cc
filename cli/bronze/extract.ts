import { isDeepStrictEqual } from 'node:util';
import type { BronzeTable } from '../config/options.js';
import { MedallionError } from '../errors/index.js';
import type { ReadOptions, SourceNotice, SourceTable } from '../sources/source.js';
import type { InterruptedLoad, LastLoad } from './bookkeeping.js';

/** What the user wants of the loads of a run. */
export interface LoadRequest {
  /** Read all of each source, whatever is known of it. */
  readonly full: boolean;
  /** Read from this value of each table's cursor on, instead of the last one that was read. */
  readonly since?: string | undefined;
  /** Rows of each table at most. */
  readonly limit?: number | undefined;
}

/** What a load asks its source for. */
export interface Extract {
  readonly since: ReadOptions['since'];
  readonly limit: number | undefined;
  /** All rows of the source: what is not among them is not there. */
  readonly isWhole: boolean;
  /** Where the next incremental load begins, when this one ends well. */
  readonly nextCursor: string | null;
  /** Equal ones ask the same question: what an interrupted load must agree in to be gone on with. */
  readonly question: Readonly<Record<string, unknown>>;
}

/**
 * Decides what to ask a source for.
 * @param last the last load of the table that ended well; undefined where bronze has no rows of it
 * @param notify told what the user should know of where the load begins
 * @throws MedallionError MDL3008 when `since` is asked of a table that cannot be read from a value on; what the source throws
 */
export async function decideExtract(
  table: BronzeTable,
  source: SourceTable,
  last: LastLoad | undefined,
  request: LoadRequest,
  signal: AbortSignal,
  notify: (notice: SourceNotice) => void,
): Promise<Extract> {
  const { cursor } = table;
  if (request.since !== undefined && (cursor === undefined || !source.highWater)) {
    throw new MedallionError('MDL3008', {
      message:
        cursor === undefined
          ? `${table.node} has no cursor, so it cannot be read from a value on.`
          : `${source.origin} can only be read as a whole, not from a value of "${cursor}" on.`,
    });
  }
  const isIncremental = cursor !== undefined && source.highWater !== undefined;
  const asks = plainJson(source.asks);
  const hasSameRows = isDeepStrictEqual(last?.asks ?? null, asks);
  const reachedBefore = hasSameRows ? (last?.cursorValue ?? null) : null;
  if (
    isIncremental &&
    last?.cursorValue != null &&
    !hasSameRows &&
    !request.full &&
    request.since === undefined
  )
    notify({
      message: `${source.origin} is read once as a whole: its settings of what to read (${differing(last.asks, asks).join(', ')}) are not those of the last load.`,
      hint: 'Rows that did not count then would never come by the cursor.',
    });
  const from = request.since ?? (request.full ? undefined : (reachedBefore ?? undefined));
  const since = isIncremental && from !== undefined ? { column: cursor, value: from } : undefined;
  const { limit } = request;
  // Taken before reading: rows that change meanwhile are read once more next time, and none is missed.
  const reached =
    isIncremental && limit === undefined ? await source.highWater!(cursor, signal, notify) : null;
  return {
    since,
    limit,
    isWhole: since === undefined && limit === undefined,
    // After a value that the user chose, what lies between the last load and it may still be missing.
    nextCursor: request.since === undefined ? (reached ?? reachedBefore) : reachedBefore,
    question: {
      from: table.from,
      strategy: table.strategy,
      key: [...table.key],
      cursor: cursor ?? null,
      since: since?.value ?? null,
      limit: limit ?? null,
      columns: [...source.columns],
      asks,
      // Pages are as long as batches, and a position may be within one.
      batchRows: table.batchRows,
    },
  };
}

/** The names of what two objects do not have alike; null has nothing. */
function differing(one: unknown, other: unknown): readonly string[] {
  const before = new Map(Object.entries(one ?? {}));
  const now = new Map(Object.entries(other ?? {}));
  const names = new Set([...before.keys(), ...now.keys()]);
  return [...names].filter((name) => !isDeepStrictEqual(before.get(name), now.get(name)));
}

/** As it comes back from the database. */
function plainJson(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

/** Whether an interrupted load can be gone on with: it asked the same question, and the answer would still be the same. */
export function continues(
  interrupted: InterruptedLoad,
  extract: Extract,
  source: SourceTable,
  fingerprint: unknown,
): boolean {
  if (interrupted.position === null || !isDeepStrictEqual(interrupted.question, extract.question))
    return false;
  if (source.resumable === 'always') return true;
  return fingerprint !== null && isDeepStrictEqual(interrupted.fingerprint, fingerprint);
}
