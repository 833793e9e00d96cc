import { readBytes } from '../bytes.js';
import type { Batch, CopyFormat, RejectedRow } from '../source.js';
import type { CsvPosition, OpenedFile } from './open.js';
import { displayText, repairRecords } from './repair.js';
import { RecordScanner } from './scanner.js';

/** A record larger than this is taken for a quote that is never closed. */
const maxRecordBytes = 64 * 1024 * 1024;
/** A batch ends early at this size, so that memory stays flat however long the rows are. */
const maxBatchBytes = 16 * 1024 * 1024;

/** Streams a file's records in batches of bytes. */
export async function* readBatches(
  file: OpenedFile,
  options: {
    batchRows: number;
    after: CsvPosition;
    limit?: number | undefined;
    signal: AbortSignal;
    onFileBytes?: (bytes: number) => void;
  },
): AsyncGenerator<Batch> {
  const { dialect } = file;
  const scanner = new RecordScanner(dialect);
  const assembler = new BatchAssembler(file, options.after);
  const bytes = readBytes({
    ...file,
    skip: options.after.bytes,
    signal: options.signal,
    ...(options.onFileBytes && { onFileBytes: options.onFileBytes }),
  });
  scanner.startBatch();
  const queue: Buffer[] = [];
  for (;;) {
    const wanted = Math.min(options.batchRows, (options.limit ?? Number.POSITIVE_INFINITY) - assembler.rows);
    if (wanted <= 0) return;
    const chunk: Buffer | undefined = queue.shift() ?? (await bytes.next()).value;
    if (!chunk) {
      if (!scanner.endsInQuotes) break;
      takeBackRunaway();
      continue;
    }
    const limit = assembler.bytes > maxBatchBytes ? scanner.records + 1 : wanted;
    const end = scanner.scan(chunk, 0, limit, maxRecordBytes);
    assembler.add(chunk.subarray(0, end));
    if (end < chunk.length) queue.unshift(chunk.subarray(end));
    if (scanner.isRunaway) takeBackRunaway();
    else if (scanner.recordBytes === 0 && (scanner.records >= wanted || assembler.bytes > maxBatchBytes))
      yield* finishBatch();
  }
  scanner.endOfFile();
  if (assembler.bytes > 0 || assembler.rejected.length > 0) yield* finishBatch();

  /** A quote that is never closed: its record up to the line on which it is opened is rejected, and reading goes on with the next line. */
  function takeBackRunaway(): void {
    const lines = scanner.linesToQuote;
    const rest = assembler.rejectLines(lines, scanner.recordBytes, scanner.lines);
    scanner.lines += lines;
    scanner.irregular = true;
    scanner.restartRecord();
    if (rest.length > 0) queue.unshift(rest);
  }

  async function* finishBatch(): AsyncGenerator<Batch> {
    const batch = await assembler.finish(scanner.records, scanner.lines, scanner.irregular);
    if (batch) yield batch;
    scanner.startBatch();
  }
}

/** Collects the bytes of one batch. */
class BatchAssembler {
  chunks: Buffer[] = [];
  rejected: RejectedRow[] = [];
  bytes = 0;
  /** Bytes of rejected lines: read, and in no batch's chunks. */
  #dropped = 0;
  #position: CsvPosition;
  readonly #linesBefore: number;

  constructor(
    readonly file: OpenedFile,
    start: CsvPosition,
  ) {
    this.#position = start;
    this.#linesBefore = start.line;
  }

  /** Rows of finished batches, and all before them. */
  get rows(): number {
    return this.#position.row - 1;
  }

  add(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /**
   * Takes the unfinished record out: its first lines are rejected, what follows them is returned to be read again. Blank lines, which are no records, stay in
   * their place, so that lines are counted right.
   */
  rejectLines(count: number, recordBytes: number, linesSoFar: number): Buffer {
    const { newline } = this.file.dialect;
    const record = this.#takeLast(recordBytes);
    let end = 0;
    for (let i = 0; i < count; i++) end = record.indexOf(newline, end) + 1 || record.length;
    const lines = record.subarray(0, end);
    this.#dropped += lines.length - count;
    this.add(Buffer.alloc(count, newline));
    this.rejected.push({
      line: this.#linesBefore + linesSoFar,
      reason: 'a quote that is opened here is never closed',
      raw: displayText(lines.subarray(0, 10_000).toString('latin1').trimEnd(), this.file.dialect),
    });
    return record.subarray(end);
  }

  #takeLast(bytes: number): Buffer {
    const taken: Buffer[] = [];
    this.bytes -= bytes;
    for (let left = bytes; left > 0; ) {
      const chunk = this.chunks.pop()!;
      const at = Math.max(0, chunk.length - left);
      if (at > 0) this.chunks.push(chunk.subarray(0, at));
      taken.unshift(chunk.subarray(at));
      left -= chunk.length - at;
    }
    return Buffer.concat(taken);
  }

  async finish(records: number, lines: number, irregular: boolean): Promise<Batch | undefined> {
    const { chunks, rejected } = this;
    const start = this.#position;
    const { dialect, columns } = this.file;
    const format: CopyFormat = {
      format: 'csv',
      delimiter: dialect.delimiter,
      quote: dialect.quote,
      escape: dialect.quote,
      nullText: dialect.nullText,
      encoding: dialect.encoding,
    };
    const repair = async () => {
      const repaired = await repairRecords(Buffer.concat(chunks), start.line, columns.length, dialect);
      return {
        read: repaired.read + rejected.length,
        chunks: repaired.chunks,
        rejected: [...rejected, ...repaired.rejected].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
        format,
      };
    };
    const plain = irregular ? await repair() : { read: records + rejected.length, chunks, rejected, format };
    this.#position = {
      bytes: start.bytes + this.bytes + this.#dropped,
      line: this.#linesBefore + lines,
      row: start.row + plain.read,
    };
    this.chunks = [];
    this.rejected = [];
    this.bytes = 0;
    this.#dropped = 0;
    return { ...plain, firstRow: start.row, position: this.#position, repair };
  }
}
