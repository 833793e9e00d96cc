import type { ErrorRecord } from '../errors/index.js';
import type { PublishedState, RunCounts } from '../events/events.js';
import type { Findings } from '../events/findings.js';

/** A run that has ended, as far as people are told of it. */
export interface RunReport extends Findings {
  readonly project: string;
  readonly target: string;
  readonly command: string;
  /** What began it: `by hand`, `schedule nightly`, `trigger orders`, ... */
  readonly cause: string;
  /** As on the command line; null: everything. */
  readonly selection: string | null;
  /** Null: it could not begin. */
  readonly runId: number | null;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** `timed out`: it was interrupted because it took too long. */
  readonly status: 'succeeded' | 'failed' | 'timed out';
  readonly error: ErrorRecord | undefined;
  readonly counts: RunCounts;
  /** Null: nothing was ever published. Undefined: the database was not asked. */
  readonly readersSee: PublishedState | null | undefined;
}
