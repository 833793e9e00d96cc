import type { Sql } from '../database/connect.js';
import { readSchemaVersion } from '../database/migrations/index.js';
import type { ErrorRecord } from '../errors/index.js';
import { MedallionError } from '../errors/index.js';
import type { RunCounts, TestResult } from '../events/events.js';

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
 * One run with its nodes and loads.
 * @throws MedallionError MDL5003
 */
export async function readRun(
  sql: Sql,
  project: string,
  runId: number,
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
  return { run, nodes, loads };
}
