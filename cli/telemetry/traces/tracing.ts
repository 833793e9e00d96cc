import type { Context, Tracer } from '@opentelemetry/api';

/** A way to send traces. Who makes spans hands their parents on: nothing is global, a program around mdl may have tracing of its own. */
export interface Tracing {
  readonly tracer: Tracer;
  /** What a `traceparent` (and `tracestate`) says that spans belong to; a trace of their own without one. */
  parentOf(headers: Readonly<Record<string, string | string[] | undefined>>): Context;
  /** Sends what is left, for two seconds at most. */
  end(): Promise<void>;
}
