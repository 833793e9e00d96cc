import { readRunEvents } from '../../../build/follow-runs.js';
import {
  type LoadRow,
  listRuns,
  type RunNodeRow,
  type RunRow,
  readFailingRows,
  readRun,
} from '../../../build/read-runs.js';
import { isRunLockHeld } from '../../../build/run-lock.js';
import type { Sql } from '../../../database/connect.js';
import type { RunDetail, RunEventsAnswer, RunRowsAnswer, RunSummary, RunsAnswer } from './shapes.js';

const eventsInAnswer = 1000;

export async function readRunList(
  sql: Sql,
  project: string,
  { limit, before }: { readonly limit: number; readonly before: number | null },
): Promise<RunsAnswer> {
  const runs = await listRuns(sql, project, limit + 1, before);
  return { runs: runs.slice(0, limit).map(summary), hasMore: runs.length > limit };
}

/** @throws MedallionError MDL5003 */
export async function readRunDetail(sql: Sql, project: string, runId: number): Promise<RunDetail> {
  const { run, nodes, loads } = await readRun(sql, project, runId, 5);
  const [told] = await sql<{ nodes: string[] }[]>`
    select event -> 'nodes' as nodes from medallion.run_events
     where run_id = ${runId} and event ->> 'event' = 'run.started'`;
  return {
    ...summary(run),
    planned: told?.nodes ?? [],
    nodes: nodes.map(runNode),
    loads: loads.map(runLoad),
  };
}

export async function readEvents(
  sql: Sql,
  project: string,
  runId: number,
  after: number,
): Promise<RunEventsAnswer> {
  // Asked first: what it wrote before it ended is among the events.
  const [run] = await sql<{ status: string }[]>`
    select status from medallion.runs where project = ${project} and run_id = ${runId}`;
  const isOver = run?.status !== 'running' || !(await isRunLockHeld(sql, project));
  const events = await readRunEvents(sql, runId, after, eventsInAnswer);
  return {
    events: events.map(({ seq, at, event }) => ({ seq, at: at.toISOString(), event })),
    isComplete: isOver && events.length < eventsInAnswer,
  };
}

/** The rows that broke a test. @throws MedallionError MDL5003 */
export async function readRowsOf(
  sql: Sql,
  project: string,
  { runId, test, limit }: { readonly runId: number; readonly test: string; readonly limit: number },
): Promise<RunRowsAnswer> {
  const { nodes } = await readRun(sql, project, runId, 0);
  const result = nodes.flatMap(({ tests }) => tests).find((one) => one.test === test);
  return result && result.samples.length > 0
    ? readFailingRows(sql, runId, result, limit)
    : { columns: [], rows: [], available: 0 };
}

function summary(run: RunRow): RunSummary {
  return {
    runId: run.run_id,
    command: run.command,
    target: run.target,
    status: run.status,
    cause: run.cause,
    startedAt: run.started_at.toISOString(),
    finishedAt: run.finished_at?.toISOString() ?? null,
    publishedAt: run.published_at?.toISOString() ?? null,
    selection: run.selection,
    host: run.host,
    counts: run.counts,
    error: run.error,
    retryOf: run.retry_of,
    isCancelling: run.cancelling,
  };
}

function runNode({ finished_at, duration_ms, ...node }: RunNodeRow) {
  return { ...node, finishedAt: finished_at.toISOString(), durationMs: duration_ms };
}

function runLoad({ bronze_table, ...load }: LoadRow) {
  return { node: bronze_table, ...load };
}
