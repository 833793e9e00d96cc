import type { Sql } from '../database/connect.js';
import { readSchemaVersion } from '../database/migrations/index.js';
import type { ErrorRecord } from '../errors/index.js';
import { MedallionError } from '../errors/index.js';
import type { FailingRows, RunCounts, TestResult } from '../events/events.js';

export interface RunRow {
  readonly run_id: number;
  readonly command: string;
  readonly target: string;
  readonly status: string;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly published_at: Date | null;
  readonly selection: string | null;
  readonly host: string;
  readonly counts: RunCounts | null;
  readonly error: ErrorRecord | null;
}

export interface RunNodeRow {
  readonly node: string;
  readonly kind: string;
  readonly materialized: string | null;
  readonly status: string;
  readonly duration_ms: number;
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

/** The latest runs of a project, newest first. */
export async function listRuns(sql: Sql, project: string, limit: number): Promise<readonly RunRow[]> {
  if ((await readSchemaVersion(sql)) === 0) return [];
  return sql<RunRow[]>`
    select run_id, command, target, status, started_at, finished_at, published_at, selection, host, counts, error
      from medallion.runs where project = ${project}
     order by run_id desc limit ${limit}`;
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
  const known = (await readSchemaVersion(sql)) > 0;
  const [run] = known
    ? await sql<RunRow[]>`
        select run_id, command, target, status, started_at, finished_at, published_at, selection, host, counts, error
          from medallion.runs where project = ${project} and run_id = ${runId}`
    : [];
  if (!run) throw new MedallionError('MDL5003', { message: `There is no run ${runId} of ${project}.` });
  const nodes = await sql<RunNodeRow[]>`
    select node, kind, materialized, status, duration_ms, rows, tests, error
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
async function readFailingRows(
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
