import { keepForRetry, loadTable } from '../../bronze/index.js';
import { MedallionError } from '../../errors/index.js';
import type { Emit, Event } from '../../events/events.js';
import type { LoadNode } from '../../graph/node.js';
import type { Outcome } from '../schedule.js';
import { withRetries } from './attempts.js';
import type { NodeContext } from './context.js';
import { startDeadline } from './deadline.js';

type Finished = Extract<Event, { event: 'load.finished' }>;

/**
 * Loads a bronze table; its events tell what happened.
 * @throws what is no failure of this load alone
 */
export async function carryOutLoad(context: NodeContext, node: LoadNode): Promise<Outcome> {
  const { session } = context;
  const started = performance.now();
  const { error, finished } = await withRetries(
    context,
    node.name,
    node.table.attempts,
    async (attempt) => {
      if (attempt > 1) await keepForRetry(session.sql, session.runId, node.name).catch(() => {});
      return loadOnce(context, node);
    },
    (result) => result.error,
  );
  if (finished) context.emit({ ...finished, durationMs: performance.now() - started });
  return error ? 'failed' : 'done';
}

/** One attempt: whether its end is that of the load is not known yet. */
async function loadOnce(
  context: NodeContext,
  node: LoadNode,
): Promise<{ readonly error?: MedallionError; readonly finished: Finished | undefined }> {
  const { session } = context;
  const { options } = session.project;
  const since = session.crashWatch.crashes();
  const deadline = startDeadline(context.signal, node.name, node.table.attempts.timeoutMs);
  let finished: Finished | undefined;
  const emit: Emit = (event) => {
    if (event.event === 'load.finished') finished = event;
    else context.emit(event);
  };
  try {
    await loadTable(
      {
        sql: deadline.limit(session.sql),
        project: options.name,
        projectDir: options.projectDir,
        runId: session.runId,
        emit,
        signal: deadline.signal,
        publish: session.publish,
        request: context.loadRequest,
        isScaledOut: session.isScaledOut,
        sources: context.sources,
        requireKept: () => session.crashWatch.requireNone(since, `what was loaded into ${node.name}`),
      },
      node.table,
    );
    return { finished };
  } catch (cause) {
    if (!(cause instanceof MedallionError)) throw cause;
    return { error: cause, finished };
  } finally {
    deadline.release();
  }
}
