import { build, type RunOptions, type RunOutcome } from '../build/build.js';
import { toMedallionError } from '../build/errors.js';
import { type OpenProject, type OpenProjectOptions, openProject } from '../build/open-project.js';
import { retryRun } from '../build/retry.js';
import { tellUnopened } from '../build/tell-unopened.js';
import { retryWaitMs } from '../config/attempts.js';
import type { UnattendedOptions } from '../config/options.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import type { Clock } from './clock.js';
import type { OccurrenceStatus } from './occurrences.js';

/** What runs are carried out with. */
export interface UnattendedContext {
  readonly project: OpenProjectOptions;
  readonly clock: Clock;
  /** The daemon ends: so does the run. */
  readonly signal: AbortSignal;
  /** Something better has come up: the run is interrupted, and not tried again. */
  readonly overtaken?: AbortSignal | undefined;
  readonly emitRun?: Emit | undefined;
  /** The run, or that of the next attempt, has a number. */
  readonly onRun: (runId: number) => void;
  /** @param at milliseconds since 1970 */
  readonly onRetry: (attempt: number, at: number) => void;
  /** The run could not begin: models do not compile, say. */
  readonly onFailure: (error: MedallionError) => void;
}

export interface UnattendedOutcome {
  readonly status: OccurrenceStatus;
  readonly runId: number | null;
  readonly attempts: number;
}

/**
 * Carries out a run and tries it again as often as it may. The project is read anew for each attempt: what changed in it since counts.
 * @param cause for the history: `schedule nightly`
 * @param resume the run to take up where it stopped
 */
export async function carryOut(
  options: UnattendedOptions,
  cause: string,
  context: UnattendedContext,
  resume?: number | undefined,
): Promise<UnattendedOutcome> {
  const { clock, signal, overtaken } = context;
  for (let attempts = 1; ; attempts++) {
    const attempt = await attemptRun(options, cause, context, resume);
    if (!['failed', 'timed out'].includes(attempt.status) || attempts > options.retries)
      return { ...attempt, attempts };
    const again = clock.now() + retryWaitMs(options, attempts);
    context.onRetry(attempts + 1, again);
    await clock.sleepUntil(again, overtaken ? AbortSignal.any([signal, overtaken]) : signal);
    if (signal.aborted || overtaken?.aborted) return { ...attempt, attempts };
    if (resume !== undefined) resume = attempt.runId ?? resume;
  }
}

/** Why a run is to end. As `AbortSignal.timeout` says it: hooks and notifications tell it from Ctrl-C by its name. */
class Stopped extends DOMException {
  constructor(
    cause: string,
    readonly status: OccurrenceStatus,
  ) {
    super(`The ${cause} gives its runs no more time.`, 'TimeoutError');
  }
}

type Attempt = Omit<UnattendedOutcome, 'attempts'>;

async function attemptRun(
  options: UnattendedOptions,
  cause: string,
  context: UnattendedContext,
  resume: number | undefined,
): Promise<Attempt> {
  const { clock, signal, overtaken } = context;
  const over = new AbortController();
  const hasBegun = new AbortController();
  const stop = new AbortController();
  const stopAfter = (ms: number | undefined, status: OccurrenceStatus, unless: AbortSignal) => {
    if (ms === undefined) return;
    const given = AbortSignal.any([unless, over.signal]);
    void clock
      .sleepUntil(clock.now() + ms, given)
      .then(() => given.aborted || stop.abort(new Stopped(cause, status)));
  };
  const emit: Emit = (event) => {
    if (event.event === 'run.waiting') stopAfter(options.maxWaitMs, 'busy', hasBegun.signal);
    if (event.event === 'run.started') {
      hasBegun.abort();
      stopAfter(options.timeoutMs, 'timed out', over.signal);
      context.onRun(event.runId);
    }
    context.emitRun?.(event);
  };
  try {
    const outcome = await run(await openProject(context.project), options, resume, {
      cause,
      emit,
      noWait: options.whenBusy === 'skip',
      signal: AbortSignal.any([signal, stop.signal, ...(overtaken ? [overtaken] : [])]),
    });
    return { status: statusOf(outcome, context, stop.signal), runId: outcome.runId };
  } catch (failure) {
    const error = toMedallionError(failure);
    context.onFailure(error);
    const { project, emitRun = () => {} } = context;
    await tellUnopened(project, error, { command: options.command, cause, emit: emitRun, signal });
    return { status: 'failed', runId: null };
  } finally {
    over.abort();
  }
}

async function run(
  project: OpenProject,
  { command, select, exclude }: UnattendedOptions,
  resume: number | undefined,
  how: Pick<RunOptions, 'cause' | 'emit' | 'noWait' | 'signal'>,
): Promise<Pick<RunOutcome, 'status' | 'runId' | 'error'>> {
  if (resume === undefined)
    return build(project, {
      ...{ command, select, exclude, ...how },
      phases: { load: command !== 'run', models: command !== 'load' },
    });
  try {
    return await retryRun(project, resume, how);
  } catch (cause) {
    // Nothing is left of it to do: it was killed after it had published.
    if (cause instanceof MedallionError && cause.code === 'MDL5005')
      return { status: 'succeeded', runId: resume };
    throw cause;
  }
}

function statusOf(
  { status, runId, error }: Pick<RunOutcome, 'status' | 'runId' | 'error'>,
  { signal, overtaken }: UnattendedContext,
  stop: AbortSignal,
): OccurrenceStatus {
  if (status === 'succeeded' || signal.aborted) return status;
  if (overtaken?.aborted) return 'overtaken';
  if (stop.reason instanceof Stopped) return stop.reason.status;
  return error?.code === 'MDL5001' && runId === null ? 'busy' : status;
}
