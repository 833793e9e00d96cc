import type { ErrorRecord } from '../../../errors/index.js';
import type { Event, FailingRows, RunCounts, TestResult } from '../../../events/events.js';

/** What `/ui/api/runs` and `/ui/api/schedules` answer, for both sides. Times are ISO 8601. */
export type { ErrorRecord, Event, FailingRows, RunCounts, TestResult };

export interface RunSummary {
  readonly runId: number;
  readonly command: string;
  readonly target: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'interrupted' | 'crashed';
  /** What began it: `by hand`, `schedule nightly`, `trigger orders`, `web`, `retry`. */
  readonly cause: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Null: readers see nothing of it. */
  readonly publishedAt: string | null;
  /** As on the command line; null: everything. */
  readonly selection: string | null;
  readonly host: string;
  /** Null while it runs, and where it crashed. */
  readonly counts: RunCounts | null;
  readonly error: ErrorRecord | null;
  /** The run that it takes up again. */
  readonly retryOf: number | null;
  /** Somebody has asked for its end. */
  readonly isCancelling: boolean;
}

/** `GET /ui/api/runs?limit=50&before=<run>`: newest first. */
export interface RunsAnswer {
  readonly runs: readonly RunSummary[];
  readonly hasMore: boolean;
}

/** A node of a run that has ended, in the order in which they ended. */
export interface RunNode {
  readonly node: string;
  readonly kind: 'load' | 'model' | 'test';
  readonly materialized: string | null;
  readonly status: 'succeeded' | 'unchanged' | 'failed' | 'skipped' | 'interrupted';
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly attempts: number;
  readonly rows: number | null;
  readonly tests: readonly TestResult[];
  readonly error: ErrorRecord | null;
}

export interface RunLoad {
  readonly node: string;
  readonly source: string;
  readonly strategy: string;
  readonly status: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

/** `GET /ui/api/runs/<run>` */
export interface RunDetail extends RunSummary {
  /** What it set out to do, parents first; empty where it did not come to that. */
  readonly planned: readonly string[];
  readonly nodes: readonly RunNode[];
  readonly loads: readonly RunLoad[];
}

export interface RunEvent {
  /** From 1; without gaps. */
  readonly seq: number;
  readonly at: string;
  readonly event: Event;
}

/** `GET /ui/api/runs/<run>/events?after=<seq>`: up to 1,000 of them. */
export interface RunEventsAnswer {
  readonly events: readonly RunEvent[];
  /** The run has ended, and these are its last. */
  readonly isComplete: boolean;
}

/** `GET /ui/api/runs/<run>/rows?test=<test>&limit=100` */
export type RunRowsAnswer = FailingRows;

/** `POST /ui/api/runs` of an operator; answered with `{ runId }`, 409 (UI409) while another run goes on. */
export interface StartRun {
  readonly command: 'build' | 'load' | 'run';
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly fullRefresh?: boolean;
}

/** Also of `POST /ui/api/runs/<run>/retry`; `POST /ui/api/runs/<run>/cancel` answers 202 without a body. */
export interface StartedRun {
  readonly runId: number;
}

export interface ScheduleSummary {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly command: string;
  readonly select: readonly string[];
  readonly next: string | null;
  /** The latest occurrences, newest first. */
  readonly occurrences: readonly {
    readonly due: string;
    readonly status: string;
    readonly attempts: number;
    readonly runId: number | null;
  }[];
}

export interface TriggerSummary {
  readonly name: string;
  /** `listen`, `files` or `webhook`. */
  readonly kind: string;
  /** The channel, the pattern or the path of the webhook. */
  readonly watches: string;
  readonly firedAt: string | null;
  readonly runId: number | null;
}

/** `GET /ui/api/schedules` */
export interface SchedulesAnswer {
  /** Whether somebody carries them out: a daemon is connected. */
  readonly isActive: boolean;
  readonly schedules: readonly ScheduleSummary[];
  readonly triggers: readonly TriggerSummary[];
}
