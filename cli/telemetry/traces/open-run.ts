import type { TraceOptions } from '../../config/options.js';
import type { Event } from '../../events/events.js';
import { openTracing } from './open.js';

/** Reads the events of a run into a trace. */
export interface RunTracing {
  readonly traceId: string;
  read(event: Event): void;
  /** Sends it. @returns why it could not be sent */
  end(): Promise<string | undefined>;
}

/**
 * @param run `cause`: as the history calls it; only what a person or a pipeline begins is a part of the trace that the environment names
 * @returns undefined where traces are not asked for
 */
export async function openRunTracing(
  options: TraceOptions | undefined,
  run: { readonly command: string; readonly cause: string },
): Promise<RunTracing | undefined> {
  let trouble: string | undefined;
  const tracing = await openTracing(options, (message) => {
    trouble = message;
  });
  if (!tracing) return undefined;
  const { traceRun } = await import('./run.js');
  const isOurs = ['by hand', 'retry'].includes(run.cause);
  const trace = traceRun(tracing, run, tracing.parentOf(isOurs ? { traceparent: options?.parent } : {}));
  return {
    ...trace,
    async end() {
      await tracing.end();
      return trouble;
    },
  };
}
