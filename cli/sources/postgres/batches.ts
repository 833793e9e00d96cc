import { isUtf8 } from 'node:buffer';
import { rawText } from '../records/encode.js';
import type { Batch, RejectedRow, TextCopyFormat } from '../source.js';

const format: TextCopyFormat = { format: 'text', encoding: 'UTF8' };
const newline = 10;
/** Rows can be large: a batch ends early rather than fill the memory. */
const batchBytes = 16 * 1024 * 1024;

/**
 * Cuts what `copy ... to stdout` writes into batches. A newline ends a row and is nothing else: in values it is written `\n`.
 * @param chunks bytes that may be cut anywhere
 * @see https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export async function* cutBatches(chunks: AsyncIterable<Buffer>, batchRows: number): AsyncGenerator<Batch> {
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
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, end + 1)) {
      rows++;
      if (rows < batchRows && bytes + end - start < batchBytes) continue;
      parts.push(chunk.subarray(start, end + 1));
      start = end + 1;
      yield batch();
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    bytes += chunk.length - start;
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
