import type { Sql } from '../database/connect.js';
import { migrateIfMade } from '../database/migrations/index.js';
import type { ErrorRecord } from '../errors/index.js';
import { MedallionError } from '../errors/index.js';
import type { FailingRows, NodeStatus, RunCounts, TestResult } from '../events/events.js';
import { runLockHeld } from './run-lock.js';

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'interrupted' | 'crashed';

export interface RunRow {
  readonly run_id: number;
  readonly command: string;
  readonly target: string;
  readonly status: RunStatus;
  /** What began it. */
  readonly cause: string;
  readonly retry_of: number | null;
  /** Somebody has asked for its end. */
  readonly cancelling: boolean;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly published_at: Date | null;
  readonly selection: string | null;
  readonly host: string;
  readonly counts: RunCounts | null;
  readonly error: ErrorRecord | null;
  /** Under which traces of it can be found; null: it was not traced. */
  readonly trace_id: string | null;
}

export interface RunNodeRow {
  readonly node: string;
  readonly kind: 'load' | 'model' | 'test';
  readonly materialized: string | null;
  readonly status: NodeStatus;
  readonly finished_at: Date;
  readonly duration_ms: number;
  readonly attempts: number;
  readonly rows: number | null;
  readonly tests: readonly TestResult[];
  readonly error: ErrorRecord | null;
}

export interface LoadRow {
  readonly bronze_table: string;
  readonly source: string;
  readonly strategy: string;
  readonly status: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

/** One that says `running` although nobody holds the lock has crashed: the next run will write that down. */
function runColumns(sql: Sql, project: string) {
  return sql`
    run_id, command, target, started_at, finished_at, published_at, selection, host, counts, error, cause, retry_of, options ->> 'traceId' as trace_id,
    case when status = 'running' and not ${runLockHeld(sql, project)} then 'crashed' else status end as status,
    status = 'running' and cancel_requested_at is not null as cancelling`;
}

/**
 * The latest runs of a project, newest first.
 * @param before only runs before this one
 */
export async function listRuns(
  sql: Sql,
  project: string,
  limit: number,
  before: number | null = null,
): Promise<readonly RunRow[]> {
  if (!(await migrateIfMade(sql))) return [];
  return sql<RunRow[]>`
    select ${runColumns(sql, project)}
      from medallion.runs where project = ${project} and (${before}::bigint is null or run_id < ${before})
     order by run_id desc limit ${limit}`;
}

/** A run as it is repeated. */
export interface StoredRun {
  readonly runId: number;
  readonly command: string;
  readonly status: RunStatus;
  readonly options: RunOptionsRecord;
}

/** What `medallion.runs.options` keeps. */
export interface RunOptionsRecord {
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly phases?: { readonly load: boolean; readonly models: boolean };
  readonly publish?: 'all' | 'passing';
  readonly failFast?: boolean;
  readonly storeFailures?: boolean;
  readonly fullRefresh?: boolean;
  readonly since?: string;
  readonly limit?: number;
}

/**
 * What a run was begun with.
 * @param runId undefined: the latest run
 * @throws MedallionError MDL5003
 */
export async function readStoredOptions(
  sql: Sql,
  project: string,
  runId: number | undefined,
): Promise<StoredRun> {
  const [run] = await sql<(RunRow & { options: RunOptionsRecord })[]>`
    select ${runColumns(sql, project)}, options from medallion.runs
     where project = ${project} and (${runId ?? null}::bigint is null or run_id = ${runId ?? null})
     order by run_id desc limit 1`;
  if (!run) throw noSuchRun(project, runId);
  return { runId: run.run_id, command: run.command, status: run.status, options: run.options };
}

function noSuchRun(project: string, runId: number | undefined): MedallionError {
  return new MedallionError('MDL5003', {
    message:
      runId === undefined ? `There is no run of ${project} yet.` : `There is no run ${runId} of ${project}.`,
  });
}

/**
 * One run with its nodes and loads. Tests that failed or warned come with rows that broke them.
 * @param rowLimit rows of each test at most
 * @throws MedallionError MDL5003
 */
export async function readRun(
  sql: Sql,
  project: string,
  runId: number,
  rowLimit: number,
): Promise<{ run: RunRow; nodes: readonly RunNodeRow[]; loads: readonly LoadRow[] }> {
  const [run] = (await migrateIfMade(sql))
    ? await sql<RunRow[]>`
        select ${runColumns(sql, project)} from medallion.runs where project = ${project} and run_id = ${runId}`
    : [];
  if (!run) throw noSuchRun(project, runId);
  const nodes = await sql<RunNodeRow[]>`
    select node, kind, materialized, status, finished_at, duration_ms, attempts, rows, tests, error
      from medallion.run_nodes where run_id = ${runId} order by finished_at`;
  const loads = await sql<LoadRow[]>`
    select bronze_table, source, strategy, status, read, inserted, updated, unchanged, rejected
      from medallion.loads where run_id = ${runId} order by load_id`;
  const withRows = nodes.map(async (node) => ({
    ...node,
    tests: await Promise.all(
      node.tests.map(async (test) =>
        test.samples.length > 0 && test.status !== 'passed'
          ? { ...test, rows: await readFailingRows(sql, runId, test, rowLimit) }
          : test,
      ),
    ),
  }));
  return { run, nodes: await Promise.all(withRows), loads };
}

/** The rows that `--store-failures` kept, or the few that every run keeps with the test's result. */
export async function readFailingRows(
  sql: Sql,
  runId: number,
  test: TestResult,
  limit: number,
): Promise<FailingRows> {
  if (!test.stored) {
    const names = Object.keys(test.samples[0]!);
    return {
      columns: names.map((name) => ({ name, numeric: false })),
      rows: test.samples.slice(0, limit).map((sample) => names.map((name) => sample[name]!)),
      available: test.samples.length,
    };
  }
  const kept = await sql<{ names: string[]; values: (string | null)[]; types: string[] }[]>`
    select array(select key from json_each(failed_row::json)) as names,
           to_json(array(select value from json_each_text(failed_row::json))) as values,
           array(select json_typeof(value) from json_each(failed_row::json)) as types
      from medallion.test_failures where run_id = ${runId} and test = ${test.test} limit ${limit}`;
  return {
    columns: (kept[0]?.names ?? []).map((name, i) => ({
      name,
      numeric: kept.some(({ types }) => types[i] === 'number'),
    })),
    rows: kept.map(({ values }) => values),
    available: test.stored,
  };
}
