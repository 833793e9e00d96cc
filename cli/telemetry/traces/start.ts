import { setTimeout as sleep } from 'node:timers/promises';
import { defaultTextMapGetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { TraceOptions } from '../../config/options.js';
import { redact } from '../../errors/index.js';
import { mdlVersion } from '../../version.js';
import type { Tracing } from './tracing.js';

/** A collector that does not answer holds nobody up for longer: not the end of a run, nor that of a server. */
const patienceMs = 2000;

/** What the options leave open, the SDK takes from the variables `OTEL_…` by itself. */
export function startTracing(options: TraceOptions, onTrouble: (message: string) => void): Tracing {
  const { service, url, headers, sampleRatio, hasTimeout } = options;
  const exporter = new OTLPTraceExporter({
    ...(url !== undefined && { url }),
    ...(headers && { headers }),
    ...(!hasTimeout && { timeoutMillis: patienceMs }),
  });
  let isTold = false;
  const trouble = (reason: string) => {
    if (!isTold) onTrouble(`Traces cannot be sent${placeOf(url)}: ${redact(reason)}.`);
    isTold = true;
  };
  // That spans cannot be sent is told once, until they can be again; it is the concern of nobody else.
  const quiet: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) isTold = false;
        else trouble(reasonOf(error));
        done({ code: ExportResultCode.SUCCESS });
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service }))
      .merge(detectResources({ detectors: [envDetector] })),
    ...(sampleRatio !== undefined && {
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    }),
    spanProcessors: [new BatchSpanProcessor(quiet)],
  });
  const propagator = new W3CTraceContextPropagator();
  return {
    tracer: provider.getTracer('medallion', mdlVersion),
    parentOf: (carrier) => propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter),
    async end() {
      const ended = provider.shutdown().then(
        () => true,
        () => true,
      );
      // With a reference: the end of the process would otherwise be waited for by nothing.
      const late = new AbortController();
      const isLate = sleep(patienceMs, false, { signal: late.signal }).catch(() => false);
      if (!(await Promise.race([ended, isLate]))) trouble('no answer within 2 s');
      late.abort();
    },
  };
}

/** An address may hold a password, and its query a key. */
function placeOf(url: string | undefined): string {
  const known = url === undefined ? null : URL.parse(url);
  return known ? ` to ${known.origin}${known.pathname}` : '';
}

/** Of several addresses of one name none may answer: then each has an error of its own. */
function reasonOf(error: Error | undefined): string {
  const first = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  return first?.message || 'no answer';
}
