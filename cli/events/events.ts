import type { ErrorRecord, Where } from '../errors/index.js';
import type { PlannedModel } from './planned.js';

/** How many rows a load met. Always: read = inserted + updated + unchanged + rejected. */
export interface RowCounts {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  /** Bronze rows that have left the source: removed, or marked. They are none of those that were read. */
  readonly deleted?: number | undefined;
}

/** A data test's verdict. `errored`: the test itself could not run. */
export type TestStatus = 'passed' | 'warned' | 'failed' | 'errored';

/** Rows of any shape: values as Postgres prints them. */
export interface TextRows {
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Rows that break a test, to be shown whole. */
export interface FailingRows extends TextRows {
  /** How many there are to show, with a higher limit; a run may keep fewer rows than failed. */
  readonly available: number;
}

/** One data test, finished. */
export interface TestResult {
  /** Unique in a project, e.g. `silver.clientes: unique (id_cliente)`. */
  readonly test: string;
  /** The model that declares it, or the singular test's own node name. */
  readonly node: string;
  /** What it demands, for people: `unique (id_cliente)`. */
  readonly title: string;
  readonly status: TestStatus;
  readonly severity: 'error' | 'warn';
  /** Rows (for `unique`: keys) that break the rule. */
  readonly failures: number;
  /** Up to five of them, columns by name, values as text. */
  readonly samples: readonly Readonly<Record<string, string | null>>[];
  readonly where?: Where | undefined;
  readonly error?: ErrorRecord | undefined;
  /** With `--show`: the rows that break the rule, in full. */
  readonly rows?: FailingRows | undefined;
  /** With `--store-failures`: how many of those rows `medallion.test_failures` keeps. */
  readonly stored?: number | undefined;
}

export type NodeStatus = 'succeeded' | 'unchanged' | 'failed' | 'skipped' | 'interrupted';

/** How a model reaches readers. */
export interface Publishing {
  /** `same`: they see its rows already. */
  readonly how: 'same' | 'delta' | 'swap';
  readonly why: string;
  /** How many rows differ from those that were published, where they were compared. */
  readonly inserted?: number;
  readonly updated?: number;
  readonly deleted?: number;
}

/** When a hook of the project is called. */
export type HookMoment = 'on_run_start' | 'on_run_end' | 'on_failure';

/** Why somebody is told of a run. `test`: of none, only to try. */
export type Occasion = 'failure' | 'recovery' | 'warning' | 'success' | 'test';

export interface RunCounts {
  /** Built. */
  readonly models: number;
  /** Models that had not to be built. */
  readonly unchanged: number;
  readonly loads: number;
  readonly rowsRead: number;
  readonly rowsChanged: number;
  readonly rejected: number;
  readonly testsPassed: number;
  readonly testsWarned: number;
  readonly testsFailed: number;
  readonly published: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What happened to readers: the run whose data they see now. */
export interface PublishedState {
  readonly runId: number;
  /** ISO 8601 with offset. */
  readonly publishedAt: string;
}

/**
 * Everything the engine tells while it works. The terminal, the JSON log, the run history and the live page
 * are all readers of this union; the engine itself never prints. Durations are milliseconds.
 */
export type Event =
  | { readonly event: 'run.waiting'; readonly holder: string }
  | {
      readonly event: 'run.started';
      readonly runId: number;
      readonly project: string;
      readonly command: string;
      readonly target: string;
      readonly database: string;
      /** In the order in which data flows. */
      readonly layers: readonly string[];
      readonly nodes: readonly string[];
    }
  | {
      readonly event: 'notice';
      readonly message: string;
      readonly node?: string | undefined;
      readonly where?: Where | undefined;
      readonly hint?: string | undefined;
    }
  | {
      readonly event: 'load.started';
      readonly node: string;
      readonly source: string;
      readonly strategy: string;
      readonly resumedAt?: number | undefined;
    }
  | {
      readonly event: 'load.progress';
      readonly node: string;
      readonly rows: number;
      readonly batches: number;
      readonly totalRows?: number | undefined;
      readonly totalBytes?: number | undefined;
      readonly bytes?: number | undefined;
    }
  | ({
      readonly event: 'load.finished';
      readonly node: string;
      readonly status: NodeStatus;
      readonly batches: number;
      readonly durationMs: number;
      readonly error?: ErrorRecord | undefined;
    } & RowCounts)
  | {
      readonly event: 'model.started';
      readonly node: string;
      readonly materialized: string;
      /** Why it is built. */
      readonly reason: string;
    }
  | {
      readonly event: 'model.finished';
      readonly node: string;
      readonly materialized: string;
      readonly status: NodeStatus;
      readonly rows?: number | undefined;
      readonly durationMs: number;
      readonly tests: readonly TestResult[];
      readonly error?: ErrorRecord | undefined;
      readonly reason?: string | undefined;
      /** Set when it was built and has passed. */
      readonly publishing?: Publishing | undefined;
      /** Of a model that is filled by time: which intervals were filled. */
      readonly filled?: readonly { readonly from: string; readonly to: string }[] | undefined;
    }
  | { readonly event: 'tests.started'; readonly nodes: readonly string[] }
  | {
      readonly event: 'test.finished';
      readonly node: string;
      readonly durationMs: number;
      readonly results: readonly TestResult[];
      /** They did not run: they have passed on what there is now. */
      readonly isUnchanged?: boolean | undefined;
    }
  | {
      readonly event: 'node.skipped';
      readonly node: string;
      readonly kind: 'load' | 'model' | 'test';
      readonly because: readonly string[];
    }
  | { readonly event: 'hook.started'; readonly hook: string; readonly moment: HookMoment }
  | {
      readonly event: 'hook.finished';
      readonly hook: string;
      readonly moment: HookMoment;
      readonly status: 'succeeded' | 'failed' | 'interrupted';
      readonly durationMs: number;
      readonly error?: ErrorRecord | undefined;
    }
  | {
      readonly event: 'notification.sent';
      readonly channel: string;
      /** `slack`, `webhook` or `email`. */
      readonly kind: string;
      readonly occasion: Occasion;
      readonly durationMs: number;
    }
  | {
      /** What failed may pass: it is tried again. */
      readonly event: 'node.retried';
      readonly node: string;
      /** The one to come: 2 for the first retry. */
      readonly attempt: number;
      readonly error: ErrorRecord;
      readonly waitMs: number;
    }
  | {
      readonly event: 'publish.retried';
      /** The one that was in vain, from 1. */
      readonly attempt: number;
      readonly waitedMs: number;
      /** The connection was lost. Left out where readers stood in the way. */
      readonly error?: ErrorRecord | undefined;
    }
  | {
      readonly event: 'publish.finished';
      readonly nodes: readonly string[];
      /** How each of them was published. */
      readonly how: readonly ({ readonly node: string } & Publishing)[];
      readonly durationMs: number;
      readonly attempts: number;
    }
  | {
      readonly event: 'publish.refused';
      readonly because: readonly string[];
      readonly readersSee: PublishedState | null;
    }
  | {
      /** Nothing is published: what would be is kept for `mdl publish`. */
      readonly event: 'plan.made';
      /** The run that made it. */
      readonly runId: number;
      /** ISO 8601. */
      readonly madeAt: string;
      readonly models: readonly PlannedModel[];
      /** Why publishing it would fail now. */
      readonly refusals: readonly string[];
    }
  | {
      readonly event: 'run.finished';
      readonly runId: number | null;
      readonly status: 'succeeded' | 'failed' | 'interrupted';
      readonly counts: RunCounts;
      readonly durationMs: number;
      /** Null: nothing was ever published. Left out where the database was not reached. */
      readonly readersSee?: PublishedState | null | undefined;
      readonly error?: ErrorRecord | undefined;
    };

export type EventName = Event['event'];

/** Where the engine sends its events; must not throw. */
export type Emit = (event: Event) => void;
