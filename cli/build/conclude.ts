import { errorCodes, MedallionError } from '../errors/index.js';
import type { Emit, RunCounts } from '../events/events.js';
import type { Findings } from '../events/findings.js';
import { readPublishedState } from './history.js';
import { runHooks } from './hooks/run-hooks.js';
import type { OpenProject } from './open-project.js';
import type { RunSession } from './run-session.js';

/** A run whose work is done, or has failed. */
export interface ConcludedRun {
  readonly command: string;
  readonly cause: string;
  readonly selection: string | null;
  readonly startedMs: number;
  /** The error that ended it so far. */
  readonly error: MedallionError | undefined;
  readonly statusWith: (error: MedallionError | undefined) => 'succeeded' | 'failed' | 'interrupted';
  readonly counts: () => RunCounts;
  readonly findings: () => Findings;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Calls the hooks that come last and tells who asked to be told; then the run can be finished. Whoever interrupts a run wants it to end: nothing is called then.
 * Nothing is thrown.
 * @returns the error that the run ends with: its own, or the first hook's that failed
 */
export async function conclude(session: RunSession, run: ConcludedRun): Promise<MedallionError | undefined> {
  const isLate = timedOut(run.signal);
  let error = isLate ? new MedallionError('MDL5002', { message: run.signal.reason.message }) : run.error;
  if (run.statusWith(error) === 'interrupted' && !isLate) return error;
  // Of a run that was given up as too slow only this is left; no later Ctrl-C reaches it.
  const signal = isLate ? new AbortController().signal : run.signal;
  const { emit } = run;
  const stateAfter = (failure: MedallionError | undefined) => ({
    runId: session.runId,
    command: run.command,
    cause: run.cause,
    status: run.statusWith(error ?? failure),
    counts: run.counts(),
    ...run.findings(),
    error: (error ?? failure)?.toJSON(),
  });
  // Hooks may read the history: it is to have all that has happened.
  if (session.project.hooks.length > 0) await session.flush().catch(() => {});
  const ended = await runHooks(session, 'on_run_end', { emit, signal, stateAfter });
  error ??= ended;
  if (run.statusWith(error) !== 'succeeded') {
    const failed = await runHooks(session, 'on_failure', { emit, signal, stateAfter });
    error ??= failed;
  }
  if (signal.aborted) return error;
  const { options } = session.project;
  if (options.channels.length > 0) {
    const readersSee = await readPublishedState(session.side, options.name).catch(() => undefined);
    const report = { ...reportOf(session.project, { ...run, error }, session.runId), readersSee };
    const { notifyRun } = await import('../notify/notify-run.js');
    await notifyRun(options, report, { sql: session.side, emit, signal });
  }
  return error;
}

/** Tells of a run that could not begin, when that is no mistake of whoever began it: the database does not answer, say. */
export async function concludeUnbegun(project: OpenProject, run: ConcludedRun): Promise<void> {
  const { error, signal } = run;
  if (!error || signal.aborted || error.code === 'MDL5001' || errorCodes[error.code].exit !== 1) return;
  if (project.options.channels.length === 0) return;
  const { notifyRun } = await import('../notify/notify-run.js');
  const report = { ...reportOf(project, run, null), readersSee: undefined };
  await notifyRun(project.options, report, { sql: undefined, emit: run.emit, signal });
}

/** Whether it was interrupted because its time was over: as `AbortSignal.timeout` says it. */
function timedOut(signal: AbortSignal): boolean {
  return (
    signal.aborted && (signal.reason as { readonly name?: unknown } | undefined)?.name === 'TimeoutError'
  );
}

function reportOf({ options }: OpenProject, run: ConcludedRun, runId: number | null) {
  const durationMs = performance.now() - run.startedMs;
  const status = run.statusWith(run.error);
  return {
    project: options.name,
    target: options.target,
    command: run.command,
    cause: run.cause,
    selection: run.selection,
    runId,
    startedAt: new Date(Date.now() - durationMs).toISOString(),
    durationMs,
    status: status === 'interrupted' ? ('timed out' as const) : status,
    error: run.error?.toJSON(),
    counts: run.counts(),
    ...run.findings(),
  };
}
