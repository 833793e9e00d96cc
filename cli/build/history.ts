import { hostname } from 'node:os';
import type { Queryable, Sql } from '../database/connect.js';
import type { ErrorRecord } from '../errors/index.js';
import type { Event, PublishedState, RunCounts } from '../events/events.js';

export interface RunStart {
  readonly project: string;
  readonly command: string;
  readonly target: string;
  readonly mdlVersion: string;
  readonly selection: string | null;
}

/** Records the start of a run. Whoever holds the run lock may call runs that still say `running` crashed: their process is gone. */
export async function startRun(sql: Sql, start: RunStart): Promise<number> {
  return sql.begin(async (tx) => {
    await tx`
      update medallion.runs set status = 'crashed', finished_at = clock_timestamp()
       where project = ${start.project} and status = 'running'`;
    await tx`
      update medallion.loads set status = 'interrupted', finished_at = clock_timestamp()
       where project = ${start.project} and status = 'running'`;
    const [row] = await tx<{ run_id: number }[]>`
      insert into medallion.runs (project, command, target, mdl_version, host, pid, selection)
      values (${start.project}, ${start.command}, ${start.target}, ${start.mdlVersion}, ${hostname()}, ${process.pid}, ${start.selection})
      returning run_id`;
    return row!.run_id;
  });
}

export async function finishRun(
  sql: Sql,
  runId: number,
  status: 'succeeded' | 'failed' | 'interrupted',
  counts: RunCounts,
  error: ErrorRecord | undefined,
): Promise<void> {
  await sql`
    update medallion.runs
       set status = ${status}, finished_at = clock_timestamp(), counts = ${sql.json(counts as never)}, error = ${error ? sql.json(error as never) : null}
     where run_id = ${runId}`;
}

/** Marks a run as the one whose data readers see; belongs into the publishing transaction. */
export async function markPublished(tx: Queryable, runId: number): Promise<void> {
  await tx`update medallion.runs set published_at = now() where run_id = ${runId}`;
}

/** The run whose data readers see now. */
export async function readPublishedState(sql: Sql, project: string): Promise<PublishedState | null> {
  const [row] = await sql<{ run_id: number; published_at: Date }[]>`
    select run_id, published_at from medallion.runs
     where project = ${project} and published_at is not null
     order by published_at desc limit 1`;
  return row ? { runId: row.run_id, publishedAt: row.published_at.toISOString() } : null;
}

/** The run that holds the lock, in words. */
export async function describeRunningRun(sql: Queryable, project: string): Promise<string> {
  const [exists] = await sql<{ found: boolean }[]>`select to_regclass('medallion.runs') is not null as found`;
  if (!exists?.found) return 'one that is just beginning';
  const [row] = await sql<{ run_id: number; command: string; host: string; pid: number; since: string }[]>`
    select run_id, command, host, pid, to_char(started_at, 'HH24:MI:SS') as since
      from medallion.runs where project = ${project} and status = 'running' order by run_id desc limit 1`;
  return row
    ? `run ${row.run_id} (mdl ${row.command} on ${row.host}, process ${row.pid}, since ${row.since})`
    : 'one that is just beginning or ending';
}

/** Average seconds of each node in past successful runs: what the longest path is measured with. */
export async function readDurations(sql: Sql, project: string): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ node: string; ms: number }[]>`
    select n.node, avg(n.duration_ms) as ms
      from medallion.run_nodes n
     where n.status = 'succeeded'
       and n.run_id in (select run_id from medallion.runs where project = ${project} and status = 'succeeded' order by run_id desc limit 5)
     group by n.node`;
  return new Map(rows.map((row) => [row.node, row.ms]));
}

interface NodeRecord {
  readonly node: string;
  readonly kind: 'load' | 'model' | 'test';
  readonly materialized?: string;
  readonly status: string;
  readonly durationMs?: number;
  readonly rows?: number | undefined;
  readonly tests?: unknown;
  readonly error?: ErrorRecord | undefined;
}

/** What the history keeps of an event; undefined for those that it does not keep. */
function toRecord(event: Event): NodeRecord | undefined {
  switch (event.event) {
    case 'load.finished':
      return {
        node: event.node,
        kind: 'load',
        status: event.status,
        durationMs: event.durationMs,
        rows: event.read,
        error: event.error,
      };
    case 'model.finished':
      return { ...event, kind: 'model' };
    case 'test.finished': {
      const failed = event.results.some(({ status }) => status === 'failed' || status === 'errored');
      return {
        node: event.node,
        kind: 'test',
        status: failed ? 'failed' : 'succeeded',
        durationMs: event.durationMs,
        tests: event.results,
      };
    }
    case 'node.skipped':
      return { node: event.node, kind: event.kind, status: 'skipped' };
    default:
      return undefined;
  }
}

/** How long finished nodes may wait to be written together, so that bookkeeping does not compete with the models. */
const writeEveryMs = 200;

/** Reads events and keeps the finished nodes in `medallion.run_nodes`. `flush` waits for what is still to be written. */
export function historyWriter(sql: Sql, runId: number): { read(event: Event): void; flush(): Promise<void> } {
  let pending: NodeRecord[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const write = async () => {
    const records = pending;
    pending = [];
    if (records.length === 0) return;
    // As text: the driver's own way would send jsonb, which forgets the order of keys.
    await sql`
      insert into medallion.run_nodes (run_id, node, kind, materialized, status, duration_ms, rows, tests, error)
      select ${runId}, r.node, r.kind, r.materialized, r.status, coalesce(r."durationMs", 0), r.rows, coalesce(r.tests, '[]'), r.error
        from json_to_recordset(${JSON.stringify(records)}::text::json) as r
             (node text, kind text, materialized text, status text, "durationMs" float8, rows int8, tests json, error jsonb)
      on conflict (run_id, node) do nothing`;
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    // Whoever flushes last sees the failure; until then it must not count as unhandled.
    writing.catch(() => {});
    return writing;
  };
  return {
    read(event) {
      const record = toRecord(event);
      if (!record) return;
      pending.push(record);
      timer ??= setTimeout(flush, writeEveryMs);
    },
    flush,
  };
}
