import type { Queryable, Sql } from '../database/connect.js';
import { quoteIdentifier, quoteLiteral, quoteRelation } from '../database/identifiers.js';
import { postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import type { Batch, ReadOptions, RejectedRow, SourceTable } from '../sources/source.js';
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
  readonly since: ReadOptions['since'];
  readonly limit: number | undefined;
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
 * Fills a load table from a source: each batch is one transaction of its rows and its bookkeeping. Three connections take turns, so that some
 * copy while another commits; batches are committed in their order all the same, which is what makes a load resumable.
 * @throws MedallionError MDL3004 (too many rejected rows), MDL3002, MDL5001
 */
export async function fillLoadTable(options: FillOptions): Promise<Filled> {
  const { emit, node, source, signal } = options;
  let { batches, read, rejected } = options.done;
  const firstRejected: PlacedRow[] = [];
  let hint: string | undefined;
  let lastTold = 0;
  const account = (rows: Rows, from: string) => {
    read += rows.read;
    rejected += rows.rejected.length;
    for (const row of rows.rejected.slice(0, 3 - firstRejected.length))
      firstRejected.push({ ...row, origin: from });
    hint ??= rows.rejected.map(hintFor).find((text) => text !== undefined);
    if (rejected > options.maxRejects)
      throw tooManyRejected(source.origin, rejected, options.maxRejects, firstRejected, hint);
    const now = performance.now();
    if (now - lastTold < 100) return;
    lastTold = now;
    emit({
      event: 'load.progress',
      node,
      rows: read,
      batches,
      totalRows: source.totalRows,
      totalBytes: source.totalBytes,
      bytes: source.bytesRead?.(),
    });
  };
  // The order of an upsert's records is that of one connection.
  const lanes = options.forUpsert ? 1 : 3;
  const flying: Promise<void>[] = [];
  let committed = Promise.resolve();
  let origin: string | undefined;
  try {
    for await (const batch of source.read({
      batchRows: options.batchRows,
      after: options.after ?? undefined,
      since: options.since,
      limit: options.limit,
      notify: (notice) => emit({ event: 'notice', node, ...notice }),
      signal,
    })) {
      if (source.originColumn !== undefined && batch.origin !== origin) {
        origin = batch.origin;
        // Changing a default locks the table.
        await Promise.all(flying.splice(0));
        await setDefault(options.sql, options.target, source.originColumn, quoteLiteral(origin ?? ''));
      }
      batches++;
      committed = copyBatch(options, batch, batches, committed).then((rows) =>
        account(rows, batch.origin ?? source.origin),
      );
      committed.catch(() => {});
      flying.push(committed);
      if (flying.length >= lanes) await flying.shift();
    }
    await Promise.all(flying);
  } finally {
    await Promise.allSettled(flying);
  }
  await verifyCount(options.sql, options.target, read - rejected);
  return { read, rejected, batches };
}

/**
 * The bytes as they are; when Postgres refuses them, the records are looked at one by one.
 * @param before resolves when the batch before this one is committed, and rejects when it is not
 */
async function copyBatch(
  options: FillOptions,
  batch: Batch,
  number: number,
  before: Promise<void>,
): Promise<Rows> {
  try {
    return await commitBatch(options, batch, batch, number, before);
  } catch (cause) {
    // Class 22: something in the data; 08P01 and 57014 and the rest are no reason to look at rows.
    if (!batch.repair || !postgresError(cause)?.sqlstate.startsWith('22')) throw cause;
    return commitBatch(options, batch, await batch.repair(), number, before);
  }
}

async function commitBatch(
  options: FillOptions,
  batch: Batch,
  rows: Rows,
  number: number,
  before: Promise<void>,
): Promise<Rows> {
  const { loadId, node, source, target, signal } = options;
  await options.sql.begin(async (tx) => {
    if (options.forUpsert) {
      await setDefault(tx, target, orderColumns.batch, String(number));
    }
    const columns = batch.columns ?? target.columns;
    if (rows.chunks.length > 0) await copyIn(tx, { ...target, columns }, rows.format, rows.chunks, signal);
    await before;
    await recordRejected(tx, loadId, node, batch.origin ?? source.origin, rows.rejected);
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

/** What COPY puts into a column that the records have no field for. */
async function setDefault(
  sql: Queryable,
  { relation }: CopyTarget,
  column: string,
  value: string,
): Promise<void> {
  await sql.unsafe(
    `alter table ${quoteRelation(relation)} alter column ${quoteIdentifier(column)} set default ${value}`,
  );
}

/** A rejected row and the file that it is from. */
type PlacedRow = RejectedRow & { readonly origin: string };

/** The error that ends a load whose source has too many rows that cannot be loaded. */
export function tooManyRejected(
  source: string,
  rejected: number,
  maxRejects: number,
  first: readonly PlacedRow[],
  hint?: string,
): MedallionError {
  const lines = first.map(
    ({ origin, line, reason, raw }) =>
      `  ${origin}${line === null ? '' : `:${line}`}: ${reason}: ${raw.length > 100 ? `${raw.slice(0, 100)}...` : raw}`,
  );
  return new MedallionError('MDL3004', {
    message: `${source}: ${rejected} row${rejected === 1 ? '' : 's'} cannot be loaded, and maxRejects is ${maxRejects}.\n${lines.join('\n')}`,
    where: { file: first[0]?.origin ?? source, line: first[0]?.line ?? undefined },
    hint,
  });
}

function hintFor({ reason }: RejectedRow): string | undefined {
  return /^field \d+ is not valid UTF-8$/.test(reason)
    ? "Only its first MiB was looked at, and is UTF-8. If the file is windows-1252 (Latin-1), say so in its source: encoding: 'windows-1252'. The rows are in medallion.rejected_rows."
    : undefined;
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
