import { z } from 'zod';
import type { HistoryOptions, TraceOptions } from './options.js';

const url = z.url({
  protocol: /^https?$/,
  error: 'must be an address such as "http://127.0.0.1:4318/v1/traces"',
});

const traces = z.strictObject({
  url: url.optional(),
  headers: z.record(z.string().min(1), z.string().optional()).optional(),
  sampleRatio: z.number().min(0).max(1).optional(),
});

export const telemetrySchema = z.strictObject({
  // An address alone is short for one.
  traces: z.preprocess((value) => (typeof value === 'string' ? { url: value } : value), traces.optional()),
});

export const historySchema = z.strictObject({
  keepRuns: z.int().min(1).nullable().optional(),
  keepDays: z.int().min(1).max(36_500).optional(),
});

export function knownTelemetryKeys([part]: readonly PropertyKey[]): string[] {
  return Object.keys(part === 'traces' ? traces.shape : telemetrySchema.shape);
}

export const knownHistoryKeys = () => Object.keys(historySchema.shape);

/**
 * Where traces go; undefined: nowhere.
 * @param environment says what the configuration does not, by the names that OpenTelemetry has agreed on
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function traceOptions(
  { traces }: z.output<typeof telemetrySchema>,
  service: string,
  environment: Readonly<Record<string, string | undefined>>,
): TraceOptions | undefined {
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return undefined;
  const hasEndpoint =
    environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim() || environment.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  if (traces?.url === undefined && (!hasEndpoint || environment.OTEL_TRACES_EXPORTER?.trim() === 'none'))
    return undefined;
  const headers = Object.entries(traces?.headers ?? {}).filter(([, value]) => value !== undefined);
  return {
    service,
    url: traces?.url,
    headers: headers.length > 0 ? (Object.fromEntries(headers) as Record<string, string>) : undefined,
    sampleRatio: traces?.sampleRatio,
    parent: environment.TRACEPARENT,
    hasTimeout: Boolean(
      environment.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? environment.OTEL_EXPORTER_OTLP_TIMEOUT,
    ),
  };
}

/** Which runs are kept; what is set alone decides alone. */
export function historyOptions({ keepRuns, keepDays }: z.output<typeof historySchema>): HistoryOptions {
  if (keepRuns === undefined && keepDays === undefined) return { keepRuns: 1000, keepDays: 7 };
  return { keepRuns: keepRuns === undefined ? 0 : keepRuns, keepDays: keepDays ?? 0 };
}
