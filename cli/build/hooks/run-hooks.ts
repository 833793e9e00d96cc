import { MedallionError } from '../../errors/index.js';
import type { Emit, HookMoment } from '../../events/events.js';
import { formatDuration } from '../../text/format.js';
import { cancelStatements } from '../cancel-statements.js';
import { toMedallionError } from '../errors.js';
import type { RunSession } from '../run-session.js';
import { runFunctionHook } from './function-hook.js';
import type { Hook } from './parse.js';
import { runSqlHook } from './sql-hook.js';
import type { HookState } from './state.js';

export interface RunHooksOptions {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** What the next hook is told, after the failure of one before it. */
  readonly stateAfter: (failure: MedallionError | undefined) => HookState;
}

/**
 * Calls the hooks of a moment, one after the other. Of `on_run_start` the first that fails is the last; of the others each is called.
 * @returns the first failure, which the events have told already
 */
export async function runHooks(
  session: RunSession,
  moment: HookMoment,
  { emit, signal, stateAfter }: RunHooksOptions,
): Promise<MedallionError | undefined> {
  let failure: MedallionError | undefined;
  for (const hook of session.project.hooks.filter((candidate) => candidate.moment === moment)) {
    if (signal.aborted || (failure && moment === 'on_run_start')) break;
    const started = performance.now();
    emit({ event: 'hook.started', hook: hook.name, moment });
    const error = await callHook(session, hook, stateAfter(failure), { emit, signal }).catch(
      (cause: unknown) => toMedallionError(cause, signal),
    );
    failure ??= error ?? undefined;
    emit({
      event: 'hook.finished',
      hook: hook.name,
      moment,
      status: !error ? 'succeeded' : error.code === 'MDL5002' ? 'interrupted' : 'failed',
      durationMs: performance.now() - started,
      error: error?.toJSON(),
    });
  }
  return failure;
}

/** One hook, on connections of its own: what it sets there is gone with it. */
async function callHook(
  session: RunSession,
  hook: Hook,
  state: HookState,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<undefined> {
  const { project, database } = session;
  const { timeoutMs } = project.options.hooks;
  const applicationName = `${session.applicationName}:hook`;
  const sql = database.connect({
    max: project.options.threads,
    applicationName,
    statementTimeout: '0',
    everyArray: true,
  });
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const stop = AbortSignal.any([signal, late.signal]);
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(stopError(hook, timeoutMs, signal)), { once: true });
  });
  const { action } = hook;
  const work =
    action.kind === 'sql'
      ? runSqlHook(sql, project, hook, state)
      : runFunctionHook(sql, project, hook, action.run, state, { emit, signal: stop });
  try {
    // A function that does not heed its signal is left behind; its connections are taken away below.
    await Promise.race([work, stopped]);
  } catch (cause) {
    // What a cancelled statement says is not the reason.
    throw stop.aborted ? stopError(hook, timeoutMs, signal) : cause;
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
    stopped.catch(() => {});
    if (stop.aborted) await cancelStatements(database, applicationName).catch(() => {});
    await sql.end({ timeout: stop.aborted ? 0 : 5 }).catch(() => {});
  }
}

function stopError({ name, where }: Hook, timeoutMs: number, signal: AbortSignal): MedallionError {
  return signal.aborted
    ? new MedallionError('MDL5002', { message: `The hook ${name} was interrupted.` })
    : new MedallionError('MDL7001', {
        message: `The hook ${name} took longer than ${formatDuration(timeoutMs)}.`,
        where,
        hint: "Give hooks more time in medallion.config.ts: hooks: { timeout: '30min' }.",
      });
}
