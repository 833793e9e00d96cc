import type { Sql } from '../database/sql.js';
import type { ErrorRecord } from '../errors/index.js';
import type { RunCounts } from '../events/events.js';
import type { Finding } from '../events/findings.js';

/** What a hook in TypeScript is given. */
export interface HookContext {
  /** Connections of the run's builder, made with postgres.js; they are closed when the hook has ended. */
  readonly sql: Sql;
  readonly runId: number;
  readonly project: string;
  readonly target: string;
  /** `build`, `load` or `run`. */
  readonly command: string;
  /** What began the run: `by hand`, `schedule nightly`, ... */
  readonly cause: string;
  /** `running` in `on_run_start`. */
  readonly status: 'running' | 'succeeded' | 'failed' | 'interrupted';
  readonly counts: RunCounts;
  /** What failed so far: nodes with their errors and failing tests, and hooks. */
  readonly failures: readonly Finding[];
  /** Models that readers see as this run built them. */
  readonly published: readonly string[];
  /** The error that ended the run before its nodes could tell their own. */
  readonly error?: ErrorRecord | undefined;
  /** Tells something: on the terminal, and in the history of the run. */
  log(message: string): void;
  /** Says when to stop: by Ctrl-C, or after `hooks.timeout`. */
  readonly signal: AbortSignal;
}

/** A hook in TypeScript; what it throws is its failure. */
export type HookFunction = (context: HookContext) => void | Promise<void>;

/** SQL as a template (several statements may follow each other), a function, or one of them with a name for messages. */
export type Hook =
  | string
  | HookFunction
  | { readonly name?: string; readonly sql: string }
  /** SQL in a file, relative to the project. */
  | { readonly name?: string; readonly file: string }
  | { readonly name?: string; readonly run: HookFunction };

/** What is called when a run begins and ends; see docs/hooks.md. */
export interface HooksConfig {
  /** Before anything is loaded or built. One that fails ends the run. */
  readonly on_run_start?: Hook | readonly Hook[];
  /** After the publish, and after a failure too. One that fails makes the run fail; what is published stays. */
  readonly on_run_end?: Hook | readonly Hook[];
  /** After those of `on_run_end`, when the run failed or took too long. */
  readonly on_failure?: Hook | readonly Hook[];
  /** Longest time for one hook. Default `'5min'`. */
  readonly timeout?: string;
}
