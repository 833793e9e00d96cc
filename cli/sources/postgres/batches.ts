import { isUtf8 } from 'node:buffer';
import { rawText } from '../records/encode.js';
import type { Batch, RejectedRow, TextCopyFormat } from '../source.js';

const format: TextCopyFormat = { format: 'text', encoding: 'UTF8' };
const newline = 10;
/** Rows can be large: a batch ends early rather than fill the memory. */
const batchBytes = 16 * 1024 * 1024;

/** Bytes of `copy ... to stdout`, which may be cut anywhere. */
export interface CopyChunk {
  readonly bytes: Buffer;
  /** How many rows end in it. */
  readonly rows: number;
}

/** Counts the rows of chunks. A newline ends a row and is nothing else: in values it is written `\n`. */
export async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<CopyChunk> {
  for await (const bytes of chunks) {
    let rows = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, end + 1)) rows++;
    yield { bytes, rows };
  }
}

/**
 * Cuts what `copy ... to stdout` writes into batches.
 * @see https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export async function* cutBatches(
  chunks: AsyncIterable<CopyChunk>,
  batchRows: number,
): AsyncGenerator<Batch> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let rows = 0;
  let firstRow = 1;
  const batch = (): Batch => {
    const taken = parts;
    const made = {
      firstRow,
      read: rows,
      chunks: taken,
      format,
      rejected: [],
      position: null,
      repair: async () => repaired(taken),
    };
    firstRow += rows;
    parts = [];
    bytes = 0;
    rows = 0;
    return made;
  };
  for await (const chunk of chunks) {
    let rest = chunk.bytes;
    let restRows = chunk.rows;
    // Where a batch ends is looked for only in the chunk in which it does.
    while (restRows > 0 && (rows + restRows >= batchRows || bytes + rest.length >= batchBytes)) {
      let end = 0;
      do {
        end = rest.indexOf(newline, end) + 1;
        rows++;
        restRows--;
      } while (restRows > 0 && rows < batchRows && bytes + end < batchBytes);
      parts.push(rest.subarray(0, end));
      bytes += end;
      rest = rest.subarray(end);
      if (rows === batchRows || bytes >= batchBytes) yield batch();
    }
    if (rest.length === 0) continue;
    parts.push(rest);
    bytes += rest.length;
    rows += restRows;
  }
  if (rows > 0) yield batch();
}

/** Rows of a server without an encoding may hold bytes that are no text: those are rejected one by one. */
function repaired(chunks: readonly Buffer[]) {
  const all = Buffer.concat(chunks);
  const kept: Buffer[] = [];
  const rejected: RejectedRow[] = [];
  for (let start = 0; start < all.length; ) {
    const end = all.indexOf(newline, start) + 1;
    const row = all.subarray(start, end);
    if (isUtf8(row)) kept.push(row);
    else
      rejected.push({
        line: null,
        reason: 'it holds bytes that are no UTF-8',
        raw: rawText(row.toString('latin1').trimEnd()),
      });
    start = end;
  }
  return { read: kept.length + rejected.length, chunks: kept, format, rejected };
}
