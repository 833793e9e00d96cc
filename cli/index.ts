/** The public names of Medallion; nothing else can be imported. */
export { isFailure } from './build/audit.js';
export { build, type RunOptions, type RunOutcome } from './build/build.js';
export { type OpenProject, type OpenProjectOptions, openProject } from './build/open-project.js';
export { retryRun } from './build/retry.js';
export { type TestOptions, testPublished } from './build/test-published.js';
export type { AttemptConfig } from './config/attempts.js';
export { csv, defineConfig, defineMacro, files, postgres, supabase } from './config/authoring.js';
export type {
  AuthConfig,
  BronzeConfig,
  DeletePolicy,
  GenerateConfig,
  GrantConfig,
  LayerConfig,
  LoadStrategy,
  Materialization,
  MedallionConfig,
  PolicyConfig,
  PostgrestConfig,
  RowSecurityConfig,
  ServeConfig,
  TargetConfig,
} from './config/define.js';
export type { Hook, HookContext, HookFunction, HooksConfig } from './config/define-hooks.js';
export type { Macro, MacroValue } from './config/define-macro.js';
export type {
  ChannelConfig,
  ChannelSettings,
  EmailChannel,
  NotifyOccasion,
  SlackChannel,
  WebhookChannel,
} from './config/define-notify.js';
export type { ScheduleConfig, UnattendedConfig } from './config/define-schedule.js';
export type {
  HistoryConfig,
  MetricsConfig,
  TelemetryConfig,
  TracesConfig,
} from './config/define-telemetry.js';
export type { TriggerConfig } from './config/define-triggers.js';
export { type ErrorCode, type ErrorRecord, errorCodes, MedallionError, type Where } from './errors/index.js';
export type { Emit, Event, EventName, RowCounts, RunCounts, TestResult } from './events/events.js';
export type { Finding } from './events/findings.js';
export type { CsvOptions } from './sources/csv/index.js';
export type { FileFormat, FilesOptions, FileTable } from './sources/files/options.js';
export type { PostgresOptions, PostgresTableOptions } from './sources/postgres/index.js';
export type { Page } from './sources/records/batches.js';
export { defineSource, type RecordTable, type SourceDefinition } from './sources/records/define-source.js';
export type { SourceRow } from './sources/records/encode.js';
export type {
  Batch,
  ReadOptions,
  RejectedRow,
  Source,
  SourceContext,
  SourceNotice,
  SourceSession,
  SourceTable,
} from './sources/source.js';
export type { SupabaseOptions, SupabaseTableOptions } from './sources/supabase/index.js';
