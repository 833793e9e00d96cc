/** What others may watch: traces of runs and requests, by OpenTelemetry; see docs/observability.md. */
export interface TelemetryConfig {
  /**
   * Where traces are sent, by OTLP over HTTP: `'http://127.0.0.1:4318/v1/traces'`. Absent: where the standard variables `OTEL_EXPORTER_OTLP_…` say, if they do.
   */
  readonly traces?: string | TracesConfig;
}

export interface TracesConfig {
  /** The whole address. Absent: what the variables say. */
  readonly url?: string;
  /** Sent along, for collectors that ask who sends: `{ authorization: … }`. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Which part of the traces is sent, from 0 to 1. Default: all, or what `OTEL_TRACES_SAMPLER` says. */
  readonly sampleRatio?: number;
}

/** Which past runs are kept. A run stays while one of the two says so; alone, each says it for itself. */
export interface HistoryConfig {
  /** So many of the latest; null: all. Default 1,000. */
  readonly keepRuns?: number | null;
  /** Those of so many days. Default 7. */
  readonly keepDays?: number;
}

/** `GET /metrics` of `mdl serve`, for Prometheus. */
export interface MetricsConfig {
  /** Default true. */
  readonly metrics?: boolean;
  /** Who sends it as bearer token may read them, from any machine. At least 16 characters. Default: `admin`. */
  readonly metricsKey?: string | undefined;
}
