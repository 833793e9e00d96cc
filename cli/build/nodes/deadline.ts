import type { Sql } from '../../database/connect.js';
import { withinTime } from '../../database/pooled.js';
import { MedallionError } from '../../errors/index.js';
import type { NodeName } from '../../project/model.js';

/** When an attempt has to be done. */
export interface Deadline {
  /** Ends with the run, or when the time is over: then the reason is the error to tell. */
  readonly signal: AbortSignal;
  /** A pool whose statements end in time. */
  limit(sql: Sql): Sql;
  /** The error to tell once the time is over, however the attempt ended. */
  error(): MedallionError | undefined;
  release(): void;
}

/** The server ends a statement by itself only after this signal has: what is told is then the timeout. */
const graceMs = 250;
/** What a timer can count to. */
const longestMs = 2 ** 31 - 1;

/** @param timeoutMs undefined: no limit */
export function startDeadline(signal: AbortSignal, node: NodeName, timeoutMs: number | undefined): Deadline {
  if (timeoutMs === undefined)
    return { signal, limit: (sql) => sql, error: () => undefined, release: () => {} };
  const late = new MedallionError('MDL5101', {
    message: `${node} took longer than ${formatTime(timeoutMs)}, its timeout.`,
  });
  const over = new AbortController();
  const ends = performance.now() + timeoutMs;
  const timer = setTimeout(() => over.abort(late), Math.min(timeoutMs, longestMs));
  return {
    signal: AbortSignal.any([signal, over.signal]),
    limit: (sql) =>
      withinTime(sql, () => {
        over.signal.throwIfAborted();
        return ends - performance.now() + graceMs;
      }),
    error: () => (over.signal.aborted && !signal.aborted ? late : undefined),
    release: () => clearTimeout(timer),
  };
}

/** `10 min` */
function formatTime(ms: number): string {
  const [size, unit] = units.find(([size]) => ms % size === 0)!;
  return `${ms / size} ${unit}`;
}

const units = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
  [1, 'ms'],
] as const;
