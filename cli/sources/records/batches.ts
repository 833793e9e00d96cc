import type { Batch, RejectedRow } from '../source.js';
import { encodeRow, recordFormat, rejectedRow, type SourceRow } from './encode.js';

/** Some rows of a source, as it hands them out. */
export interface Page {
  readonly rows: readonly SourceRow[];
  /**
   * Where the rows after this page begin: plain JSON that `read({ after })` takes. Left out, an interrupted load of this source begins anew.
   */
  readonly next?: unknown;
  /** The same for the rows after one of this page (by its index), where the source can tell; otherwise the page is read again. */
  nextAfter?(index: number): unknown;
  /** Lines in the source where the rows begin, where it has lines. */
  readonly lines?: readonly number[];
  /** What is no row at all, such as a line that is not JSON. */
  readonly rejected?: readonly RejectedRow[];
}

/** A batch larger than this is closed before it has its rows: pages of wide rows must not fill the memory. */
const largestBatchBytes = 16 * 1024 * 1024;

interface RecordPosition {
  /** What `read({ after })` of the source takes; undefined: the beginning. */
  readonly from?: unknown;
  /** Rows of its next page that are already loaded. */
  readonly skip: number;
  /** Rows before this position. */
  readonly rows: number;
}

export interface RecordReading {
  readonly columns: readonly string[];
  readonly batchRows: number;
  /** Position of a batch, for going on behind it. */
  readonly after: unknown;
  readonly limit: number | undefined;
  readonly pages: (from: unknown) => AsyncIterable<Page>;
}

/** Cuts the pages of a source into batches of bytes that COPY takes. */
export async function* recordBatches(reading: RecordReading): AsyncGenerator<Batch> {
  const start = (reading.after as RecordPosition | undefined) ?? { skip: 0, rows: 0 };
  const limit = reading.limit ?? Number.POSITIVE_INFINITY;
  let pageFrom = start.from;
  let skip = start.skip;
  let isResumable = true;
  const open = batchWriter(reading.columns, start.rows);
  for await (const page of reading.pages(start.from)) {
    for (const rejected of skip > 0 ? [] : (page.rejected ?? [])) open.reject(rejected);
    for (let i = skip; i < page.rows.length && open.total() < limit; i++) {
      open.add(page.rows[i]!, page.lines?.[i] ?? null);
      if (open.rows() < reading.batchRows && open.bytes() < largestBatchBytes) continue;
      if (i === page.rows.length - 1) break;
      const after = page.nextAfter?.(i);
      yield open.close(
        isResumable,
        after === undefined ? { from: pageFrom, skip: i + 1 } : { from: after, skip: 0 },
      );
    }
    skip = 0;
    pageFrom = page.next;
    isResumable &&= page.next !== undefined;
    if (open.rows() >= reading.batchRows || open.bytes() >= largestBatchBytes)
      yield open.close(isResumable, { from: pageFrom, skip: 0 });
    if (open.total() >= limit) break;
  }
  if (open.rows() > 0) yield open.close(isResumable, { from: pageFrom, skip: 0 });
}

function batchWriter(columns: readonly string[], rowsBefore: number) {
  const known = new Set(columns);
  let firstRow = rowsBefore + 1;
  let read = 0;
  let size = 0;
  let text = '';
  let chunks: Buffer[] = [];
  let rejected: RejectedRow[] = [];
  const flush = () => {
    if (text === '') return;
    chunks.push(Buffer.from(text));
    size += chunks.at(-1)!.length;
    text = '';
  };
  return {
    rows: () => read,
    bytes: () => size + text.length,
    /** Rows up to here, over the whole source table. */
    total: () => firstRow - 1 + read,
    reject(row: RejectedRow) {
      read++;
      rejected.push(row);
    },
    add(row: SourceRow, line: number | null) {
      read++;
      const encoded = encodeRow(row, columns, known);
      if ('reason' in encoded) rejected.push(rejectedRow(row, line, encoded.reason));
      else text += encoded.line;
      if (text.length > 256 * 1024) flush();
    },
    close(isResumable: boolean, position: Omit<RecordPosition, 'rows'>): Batch {
      flush();
      const rows = firstRow - 1 + read;
      const batch: Batch = {
        firstRow,
        read,
        chunks,
        format: recordFormat,
        rejected,
        position: isResumable ? { ...position, rows } : null,
      };
      firstRow += read;
      read = 0;
      size = 0;
      chunks = [];
      rejected = [];
      return batch;
    },
  };
}
