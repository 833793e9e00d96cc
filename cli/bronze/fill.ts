import type { Sql } from '../database/connect.js';
import { quoteRelation } from '../database/identifiers.js';
import { postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import type { Batch, RejectedRow, SourceTable } from '../sources/source.js';
import { recordBatch, recordRejected } from './bookkeeping.js';
import { type CopyTarget, copyIn } from './copy.js';
import { orderColumns } from './load-table.js';

export interface FillOptions {
  readonly sql: Sql;
  readonly node: string;
  readonly loadId: number;
  readonly source: SourceTable;
  readonly target: CopyTarget;
  readonly batchRows: number;
  readonly maxRejects: number;
  readonly forUpsert: boolean;
  /** Batches and rows of an interrupted load that is gone on with. */
  readonly done: { readonly batches: number; readonly read: number; readonly rejected: number };
  readonly after: unknown;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface Filled {
  readonly read: number;
  readonly rejected: number;
  readonly batches: number;
}

type Rows = Pick<Batch, 'read' | 'chunks' | 'format' | 'rejected'>;

/**
 * Fills a load table from a source: each batch is one transaction of its rows and its bookkeeping. The next batch is read while one is copied.
 * @throws MedallionError MDL3004 (too many rejected rows), MDL3002, MDL5001
 */
export async function fillLoadTable(options: FillOptions): Promise<Filled> {
  const { sql, emit, node, source, signal } = options;
  let { batches, read, rejected } = options.done;
  const firstRejected: RejectedRow[] = [];
  let lastTold = 0;
  const iterator = source
    .read({ batchRows: options.batchRows, after: options.after ?? undefined, signal })
    [Symbol.asyncIterator]();
  try {
    let coming = iterator.next();
    for (;;) {
      const { value: batch, done } = await coming;
      if (done) break;
      coming = iterator.next();
      coming.catch(() => {});
      batches++;
      const rows = await copyBatch(options, batch, batches);
      read += rows.read;
      rejected += rows.rejected.length;
      firstRejected.push(...rows.rejected.slice(0, 3 - firstRejected.length));
      if (rejected > options.maxRejects)
        throw tooManyRejected(source.origin, rejected, options.maxRejects, firstRejected);
      const now = performance.now();
      if (now - lastTold > 100) {
        lastTold = now;
        emit({
          event: 'load.progress',
          node,
          rows: read,
          batches,
          totalBytes: source.totalBytes,
          bytes: source.bytesRead?.(),
        });
      }
    }
  } finally {
    await iterator.return?.();
  }
  await verifyCount(sql, options.target, read - rejected);
  return { read, rejected, batches };
}

async function copyBatch(options: FillOptions, batch: Batch, number: number): Promise<Rows> {
  try {
    return await copyRows(options, batch, batch, number);
  } catch (cause) {
    // Class 22: something in the data; 08P01 and 57014 and the rest are no reason to look at rows.
    if (!postgresError(cause)?.sqlstate.startsWith('22')) throw cause;
    return await copyRows(options, await batch.repair(), batch, number);
  }
}

async function copyRows(options: FillOptions, rows: Rows, batch: Batch, number: number): Promise<Rows> {
  const { loadId, node, source, signal, target } = options;
  await options.sql.begin(async (tx) => {
    // Data and bookkeeping are lost or kept together, so batches need not wait for the disk; the applying transaction does.
    await tx.unsafe(
      `set local synchronous_commit = off${options.forUpsert ? `; alter table ${quoteRelation(target.relation)} alter column ${orderColumns.batch} set default ${number}` : ''}`,
    );
    if (rows.chunks.length > 0) await copyIn(tx, target, rows.format, rows.chunks, signal);
    await recordRejected(tx, loadId, node, source.origin, rows.rejected);
    await recordBatch(tx, {
      loadId,
      batch: number,
      firstRow: batch.firstRow,
      read: rows.read,
      inserted: options.forUpsert ? 0 : rows.read - rows.rejected.length,
      rejected: rows.rejected.length,
      bytes: rows.chunks.reduce((sum, chunk) => sum + chunk.length, 0),
      position: batch.position,
    });
  });
  return rows;
}

/** The error that ends a load whose source has too many rows that cannot be loaded. */
export function tooManyRejected(
  origin: string,
  rejected: number,
  maxRejects: number,
  first: readonly RejectedRow[],
): MedallionError {
  const lines = first.map(
    ({ line, reason, raw }) =>
      `  ${origin}${line === null ? '' : `:${line}`}: ${reason}: ${raw.length > 100 ? `${raw.slice(0, 100)}...` : raw}`,
  );
  return new MedallionError('MDL3004', {
    message: `${origin}: ${rejected} row${rejected === 1 ? '' : 's'} cannot be loaded, and maxRejects is ${maxRejects}.\n${lines.join('\n')}`,
    where: { file: origin, line: first[0]?.line ?? undefined },
  });
}

/** Every row accounted for: what Postgres holds is what was counted. */
async function verifyCount(sql: Sql, { relation }: CopyTarget, expected: number): Promise<void> {
  const [row] = await sql.unsafe<{ rows: number }[]>(
    `select count(*) as rows from ${quoteRelation(relation)}`,
  );
  if (row!.rows !== expected) {
    throw new MedallionError('MDL9001', {
      message: `${expected} rows were sent and ${row!.rows} arrived; nothing was changed in bronze.`,
    });
  }
}
