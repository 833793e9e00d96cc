import type { Queryable, Sql } from '../database/connect.js';
import { type ErrorRecord, redactedJson } from '../errors/index.js';
import type { Event } from '../events/events.js';
import { type CrashWatch, isAlive } from './crash-watch.js';

/** Told whenever a run has written down what happened in it; the payload is its number. */
export const runsChannel = 'medallion_runs';

interface NodeRecord {
  readonly node: string;
  readonly kind: 'load' | 'model' | 'test';
  readonly materialized?: string;
  readonly status: string;
  readonly durationMs?: number;
  readonly rows?: number | undefined;
  readonly reason?: string | undefined;
  readonly tests?: unknown;
  readonly error?: ErrorRecord | undefined;
}

/** What happened, with its place in the run. */
interface LogRecord {
  readonly seq: number;
  /** Without: when it is written down. */
  readonly at?: string;
  readonly event: Event;
  /** How many attempts a node that it ends took. */
  readonly attempts?: number | undefined;
}

/** What the history keeps of a node; undefined for events that end none. */
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
        status: failed ? 'failed' : event.isUnchanged ? 'unchanged' : 'succeeded',
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

/** How long what happened may wait to be written together, so that bookkeeping does not compete with the models. */
const writeEveryMs = 200;
/** Progress of a load is kept this often at most: a load of an hour has thousands of batches. */
const progressEveryMs = 1000;

export interface RunLog {
  read(event: Event): void;
  /** Waits for what is still to be written. @throws what went wrong with the latest writing */
  flush(): Promise<void>;
}

/** Reads events and keeps them in `medallion.run_events`, and the nodes that they end in `medallion.run_nodes`. */
export function openRunLog(sql: Sql, runId: number, crashWatch: CrashWatch): RunLog {
  let pending: LogRecord[] = [];
  let seq = 0;
  const progressAt = new Map<string, number>();
  const attempts = new Map<string, number>();
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const write = async () => {
    const records = pending;
    pending = [];
    if (records.length === 0) return;
    const isAlive = await recordWritten(sql, runId, written(records)).catch((cause: unknown) => {
      // The server may be back the next time.
      pending = [...records, ...pending];
      throw cause;
    });
    const ended = records.flatMap(({ event }) => (event.event === 'model.finished' ? [event.node] : []));
    await crashWatch.noticed(isAlive, ended);
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.catch(() => {}).then(write);
    // Whoever flushes last sees the failure; until then it must not count as unhandled.
    writing.catch(() => {});
    return writing;
  };
  return {
    read(event) {
      const now = Date.now();
      if (event.event === 'load.progress') {
        if (now - (progressAt.get(event.node) ?? 0) < progressEveryMs) return;
        progressAt.set(event.node, now);
      }
      if (event.event === 'node.retried') attempts.set(event.node, event.attempt);
      const node = 'node' in event ? event.node : undefined;
      pending.push({
        ...{ seq: ++seq, at: new Date(now).toISOString(), event },
        attempts: node === undefined ? undefined : attempts.get(node),
      });
      timer ??= setTimeout(flush, writeEveryMs);
    },
    flush,
  };
}

/** Events as they are written down, ready to be sent. */
export interface WrittenEvents {
  /** JSON of what the history keeps of the nodes that they end. */
  readonly nodes: string;
  /** JSON of the events themselves, with their places in the run. */
  readonly events: string;
}

/**
 * @param firstSeq the place of the first of them in the run, from 1 on
 */
export function writtenEvents(events: readonly Event[], firstSeq: number): WrittenEvents {
  return written(events.map((event, i) => ({ seq: firstSeq + i, event })));
}

function written(records: readonly LogRecord[]): WrittenEvents {
  const nodes = records.flatMap(({ at, event, attempts }) => {
    const record = toRecord(event);
    return record ? [{ ...record, at, attempts }] : [];
  });
  return { nodes: asText(nodes), events: asText(records) };
}

/**
 * One statement for what has come together. As text: the driver's own way would send jsonb, which forgets the order of keys.
 * @returns as `CrashWatch` wants to know it
 */
export async function recordWritten(
  sql: Queryable,
  runId: number,
  { nodes, events }: WrittenEvents,
): Promise<boolean> {
  const [row] = await sql<{ alive: boolean }[]>`
    with nodes as (
      insert into medallion.run_nodes (run_id, node, kind, materialized, status, finished_at, duration_ms, rows, tests, error, attempts, reason)
      select ${runId}, r.node, r.kind, r.materialized, r.status, coalesce(r.at, clock_timestamp()), coalesce(r."durationMs", 0), r.rows, coalesce(r.tests, '[]'), r.error,
             coalesce(r.attempts, 1), r.reason
        from json_to_recordset(${nodes}::text::json) as r
             (node text, kind text, materialized text, status text, at timestamptz, "durationMs" float8, rows int8, tests json, error jsonb, attempts int, reason text)
      on conflict (run_id, node) do nothing
    ), events as (
      insert into medallion.run_events (run_id, seq, at, event)
      select ${runId}, r.seq, coalesce(r.at, clock_timestamp()), r.event
        from json_to_recordset(${events}::text::json) as r (seq int, at timestamptz, event json)
      on conflict (run_id, seq) do nothing
    )
    select ${isAlive(sql, runId)} as alive, pg_notify(${runsChannel}, ${String(runId)})`;
  return row!.alive;
}

/** Neither passwords nor the character that Postgres has no place for reach the history. */
function asText(records: unknown): string {
  return redactedJson(records).replaceAll(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\ufffd');
}
