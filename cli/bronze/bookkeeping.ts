import type { BronzeTable } from '../config/options.js';
import type { Queryable, Sql, Transaction } from '../database/connect.js';
import type { ErrorRecord } from '../errors/index.js';
import { MedallionError } from '../errors/index.js';
import type { RowCounts } from '../events/events.js';
import type { RejectedRow } from '../sources/source.js';

export interface LoadStart {
  readonly runId: number;
  readonly project: string;
  readonly node: string;
  readonly source: string;
  readonly strategy: string;
  readonly fingerprint: unknown;
  /** What the source is asked for. */
  readonly question: Readonly<Record<string, unknown>>;
  /** Where the next incremental load begins. */
  readonly cursorValue: string | null;
}

export async function startLoad(sql: Queryable, load: LoadStart): Promise<number> {
  const [row] = await sql<{ load_id: number }[]>`
    insert into medallion.loads (run_id, project, bronze_table, source, strategy, fingerprint, extract, cursor_value)
    values (${load.runId}, ${load.project}, ${load.node}, ${load.source}, ${load.strategy}, ${load.fingerprint === null ? null : sql.json(load.fingerprint as never)},
            ${sql.json(load.question as never)}, ${load.cursorValue})
    returning load_id`;
  return row!.load_id;
}

export interface BatchRecord {
  readonly loadId: number;
  readonly batch: number;
  readonly firstRow: number;
  readonly read: number;
  readonly inserted: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly position: unknown;
}

/**
 * Records a batch in the transaction that copied it. A load that another run has taken over is no longer `running`: then nothing may be committed.
 * @throws MedallionError MDL5001
 */
export async function recordBatch(tx: Transaction, batch: BatchRecord): Promise<void> {
  const recorded = await tx`
    with load as (
      update medallion.loads
         set read = read + ${batch.read}, inserted = inserted + ${batch.inserted}, rejected = rejected + ${batch.rejected}
       where load_id = ${batch.loadId} and status = 'running'
      returning load_id
    )
    insert into medallion.load_batches (load_id, batch, first_row, read, inserted, rejected, bytes, position)
    select load_id, ${batch.batch}, ${batch.firstRow}, ${batch.read}, ${batch.inserted}, ${batch.rejected}, ${batch.bytes}, ${tx.json(batch.position as never)}
      from load`;
  if (recorded.count !== 1)
    throw new MedallionError('MDL5001', { message: 'Another run has taken this load over.' });
}

export async function recordRejected(
  tx: Queryable,
  loadId: number,
  node: string,
  origin: string,
  rows: readonly RejectedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into medallion.rejected_rows (load_id, bronze_table, source, line, reason, raw)
    select ${loadId}, ${node}, ${origin}, r.line, r.reason, r.raw
      from jsonb_to_recordset(${tx.json(rows as never)}) as r (line int8, reason text, raw text)`;
}

export async function finishLoad(
  tx: Queryable,
  loadId: number,
  status: 'loaded' | 'failed' | 'interrupted',
  counts?: RowCounts,
  error?: ErrorRecord,
): Promise<void> {
  await tx`
    update medallion.loads set status = ${status}, finished_at = clock_timestamp(), error = ${error ? tx.json(error as never) : null}
     where load_id = ${loadId} and status = 'running'`;
  if (!counts) return;
  await tx`
    update medallion.loads
       set read = ${counts.read}, inserted = ${counts.inserted}, updated = ${counts.updated}, unchanged = ${counts.unchanged}, rejected = ${counts.rejected}, deleted = ${counts.deleted ?? 0}
     where load_id = ${loadId}`;
}

/** Records which data version of its bronze table a load has made, in the transaction that made it. */
export async function recordDataVersion(tx: Transaction, loadId: number): Promise<void> {
  await tx`
    update medallion.loads l set data_version = r.data_version
      from medallion.relations r
     where l.load_id = ${loadId} and r.project = l.project and r.node = l.bronze_table`;
}

/** All rows of a load were there already: its batches inserted none. */
export async function recordSameRows(tx: Transaction, loadId: number): Promise<void> {
  await tx`update medallion.load_batches set inserted = 0, unchanged = read - rejected where load_id = ${loadId}`;
}

/** Records that a source had nothing new; its rows count as unchanged. */
export async function recordUnchanged(sql: Sql, load: LoadStart, rows: number): Promise<void> {
  await sql`
    insert into medallion.loads (run_id, project, bronze_table, source, strategy, fingerprint, extract, cursor_value, status, finished_at, read, unchanged)
    values (${load.runId}, ${load.project}, ${load.node}, ${load.source}, ${load.strategy}, ${sql.json(load.fingerprint as never)},
            ${sql.json(load.question as never)}, ${load.cursorValue}, 'unchanged', clock_timestamp(), ${rows}, ${rows})`;
}

/** The same for tables whose sources are known to hold what they held at their last load. */
export async function recordStillUnchanged(
  tx: Transaction,
  runId: number,
  project: string,
  nodes: readonly string[],
): Promise<void> {
  await tx`
    insert into medallion.loads (run_id, project, bronze_table, source, strategy, fingerprint, extract, cursor_value, status, finished_at, read, unchanged)
    select ${runId}, l.project, l.bronze_table, l.source, l.strategy, l.fingerprint, l.extract, l.cursor_value, 'unchanged', clock_timestamp(),
           l.read - l.rejected, l.read - l.rejected
      from unnest(${nodes as string[]}::text[]) as n (node)
     cross join lateral (
             select * from medallion.loads
              where project = ${project} and bronze_table = n.node and status in ('loaded', 'unchanged')
              order by load_id desc limit 1) l`;
}

export interface LastLoad {
  readonly fingerprint: unknown;
  readonly rows: number;
  /** Where the next incremental load begins; null where nothing is known of it. */
  readonly cursorValue: string | null;
  /** What the settings of the source said of its rows then; null: nothing. */
  readonly asks: unknown;
}

/**
 * The last load of a table that ended well: its fingerprint tells whether the source has changed since.
 * @param table the value of its cursor counts only where that load went by the same column of the same table
 */
export async function lastLoad(
  sql: Sql,
  project: string,
  { node, from, cursor }: Pick<BronzeTable, 'node' | 'from' | 'cursor'>,
): Promise<LastLoad | undefined> {
  const [row] = await sql<LastLoad[]>`
    select fingerprint, read - rejected as rows,
           case when extract ->> 'cursor' = ${cursor ?? null} and extract ->> 'from' = ${from} then cursor_value end as "cursorValue",
           extract -> 'asks' as asks
      from medallion.loads
     where project = ${project} and bronze_table = ${node} and status in ('loaded', 'unchanged')
     order by load_id desc limit 1`;
  return row;
}

export interface InterruptedLoad {
  readonly loadId: number;
  readonly fingerprint: unknown;
  readonly question: unknown;
  readonly cursorValue: string | null;
  readonly batches: number;
  readonly position: unknown;
  readonly counts: RowCounts;
}

/** The newest load of a table, when it was interrupted or has failed, and nothing has gone on with it. */
export async function interruptedLoad(
  sql: Sql,
  project: string,
  node: string,
): Promise<InterruptedLoad | undefined> {
  const [row] = await sql<
    (RowCounts & {
      load_id: number;
      status: string;
      fingerprint: unknown;
      extract: unknown;
      cursor_value: string | null;
      batches: number;
      position: unknown;
    })[]
  >`
    select l.load_id, l.status, l.fingerprint, l.extract, l.cursor_value, l.read, l.inserted, l.updated, l.unchanged, l.rejected,
           (select count(*)::int from medallion.load_batches b where b.load_id = l.load_id) as batches,
           (select position from medallion.load_batches b where b.load_id = l.load_id order by batch desc limit 1) as position
      from medallion.loads l
     where l.project = ${project} and l.bronze_table = ${node}
     order by l.load_id desc limit 1`;
  if (!row || !['interrupted', 'failed'].includes(row.status) || row.batches === 0) return undefined;
  return {
    loadId: row.load_id,
    fingerprint: row.fingerprint,
    question: row.extract,
    cursorValue: row.cursor_value,
    batches: row.batches,
    position: row.position,
    counts: row,
  };
}

/** A load of this run that failed is to be tried again: then it goes on after its last committed batch, where its source allows that. */
export async function keepForRetry(sql: Sql, runId: number, node: string): Promise<void> {
  await sql`
    update medallion.loads set status = 'interrupted', finished_at = coalesce(finished_at, clock_timestamp())
     where run_id = ${runId} and bronze_table = ${node} and status in ('running', 'failed')`;
}

/** A resumed load takes over the batches, counts and rejected rows of the one that was interrupted. */
export async function takeOverLoad(sql: Sql, from: InterruptedLoad, load: LoadStart): Promise<number> {
  return sql.begin(async (tx) => {
    // Rows that changed in the source since it began are read once more by the next load: so its own, older cursor counts.
    const loadId = await startLoad(tx, { ...load, cursorValue: from.cursorValue });
    const { read, inserted, rejected } = from.counts;
    await tx`update medallion.loads set read = ${read}, inserted = ${inserted}, rejected = ${rejected} where load_id = ${loadId}`;
    await tx`update medallion.load_batches set load_id = ${loadId} where load_id = ${from.loadId}`;
    await tx`update medallion.rejected_rows set load_id = ${loadId} where load_id = ${from.loadId}`;
    await tx`update medallion.loads set status = 'resumed' where load_id = ${from.loadId}`;
    return loadId;
  });
}
