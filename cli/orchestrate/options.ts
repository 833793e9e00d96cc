import type { OpenProjectOptions } from '../build/open-project.js';
import type { Emit } from '../events/events.js';
import type { Clock } from './clock.js';
import type { DaemonEvent } from './events.js';

export interface DaemonOptions {
  readonly project: OpenProjectOptions;
  readonly emit: (event: DaemonEvent) => void;
  /** Events of the runs themselves. */
  readonly emitRun?: Emit;
  /** Ends it: a run that is going on is interrupted. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Between 0 and 1, for jitter. */
  readonly random?: () => number;
}

/** The same for one schedule or trigger. */
export interface LoopOptions extends DaemonOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** How long it waits when the database cannot be asked. */
  readonly troubleMs: number;
}
