import { MedallionError } from '../errors/index.js';
import { countEvents } from '../events/counts.js';
import type { Emit, Event, PublishedState, RunCounts } from '../events/events.js';
import type { Selection } from '../graph/select.js';
import { selectNodes } from '../graph/select.js';
import { carryOut } from './carry-out.js';
import { toMedallionError } from './errors.js';
import type { OpenProject } from './open-project.js';
import { makePlan, type Phases } from './plan.js';
import { openRunSession } from './run-session.js';

export interface RunOptions extends Partial<Selection> {
  /** For the history; default `build`. */
  readonly command?: string;
  /** Default: loads and models. */
  readonly phases?: Phases;
  /** Start nothing more after the first failure. */
  readonly failFast?: boolean;
  /** `all` (default): one failing test publishes nothing. `passing`: what passed and reads nothing that failed is published. */
  readonly publish?: 'all' | 'passing';
  /** Keep failing rows in `medallion.test_failures`. */
  readonly storeFailures?: boolean;
  /** Fail at once when another run is going on. */
  readonly noWait?: boolean;
  /** Read every source, also those that did not change since their last load. */
  readonly fullRefresh?: boolean;
  /** Loads read from this value of each table's cursor on. */
  readonly since?: string | undefined;
  /** Loads read so many rows of each table at most. */
  readonly limit?: number | undefined;
  readonly emit?: Emit;
  readonly signal?: AbortSignal;
}

export interface RunOutcome {
  readonly runId: number | null;
  readonly status: 'succeeded' | 'failed' | 'interrupted';
  readonly counts: RunCounts;
  readonly durationMs: number;
  /** The error that ended the run before its nodes could tell their own. */
  readonly error?: MedallionError | undefined;
}

/**
 * Carries out one run: loads, builds in the stage, audits, publishes. Failures of nodes are in the outcome and in the events,
 * which always end with `run.finished`; nothing is thrown once the run has begun.
 */
export async function build(project: OpenProject, options: RunOptions = {}): Promise<RunOutcome> {
  const started = performance.now();
  const emit = options.emit ?? (() => {});
  const signal = options.signal ?? new AbortController().signal;
  const tally = countEvents();
  const status = () => statusOf(tally.counts(), error, signal);
  const tell = (event: Event) => {
    tally.read(event);
    emit(event);
  };
  let runId: number | null = null;
  let error: MedallionError | undefined;
  let readersSee: PublishedState | null | undefined;
  try {
    const selected = selectNodes(project.graph, {
      select: options.select ?? [],
      exclude: options.exclude ?? [],
    });
    const plan = makePlan(project.graph, selected, options.phases ?? { load: true, models: true });
    const session = await openRunSession(project, {
      command: options.command ?? 'build',
      selection: describeSelection(options),
      noWait: options.noWait ?? false,
      emit: tell,
      signal,
    });
    runId = session.runId;
    try {
      await carryOut(session, plan, { ...options, emit: tell, signal });
    } catch (cause) {
      error = toMedallionError(cause, signal);
    }
    readersSee = await session.finish(status(), tally.counts(), error).catch((cause: unknown) => {
      error ??= toMedallionError(cause, signal);
      return undefined;
    });
  } catch (cause) {
    error = toMedallionError(cause, signal);
  }
  if (status() === 'interrupted') error ??= new MedallionError('MDL5002', { message: 'Interrupted.' });
  const durationMs = performance.now() - started;
  emit({
    event: 'run.finished',
    runId,
    status: status(),
    counts: tally.counts(),
    durationMs,
    readersSee,
    error: error?.toJSON(),
  });
  return { runId, status: status(), counts: tally.counts(), durationMs, error };
}

function describeSelection(options: RunOptions): string | null {
  const parts = [...(options.select ?? []), ...(options.exclude ?? []).map((text) => `--exclude ${text}`)];
  return parts.length > 0 ? parts.join(' ') : null;
}

function statusOf(
  counts: RunCounts,
  error: MedallionError | undefined,
  signal: AbortSignal,
): RunOutcome['status'] {
  if (signal.aborted || error?.code === 'MDL5002') return 'interrupted';
  return error || counts.failed > 0 || counts.testsFailed > 0 ? 'failed' : 'succeeded';
}
