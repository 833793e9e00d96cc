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
      if (!scanner.inQuotes) break;
      takeBackRunaway();
      continue;
    }
    const limit = assembler.bytes > maxBatchBytes ? scanner.records + 1 : wanted;
    const end = scanner.scan(chunk, 0, limit, maxRecordBytes);
    assembler.add(chunk.subarray(0, end));
    if (end < chunk.length) queue.unshift(chunk.subarray(end));
    if (scanner.recordBytes >= maxRecordBytes && scanner.inQuotes) takeBackRunaway();
    else if (scanner.recordBytes === 0 && (scanner.records >= wanted || assembler.bytes > maxBatchBytes))
      yield* finishBatch();
  }
  scanner.endOfFile();
  if (assembler.bytes > 0 || assembler.rejected.length > 0) yield* finishBatch();

  /** A quote that is never closed: the line on which its record begins is rejected, and reading goes on with the next line. */
  function takeBackRunaway(): void {
    const rest = assembler.rejectFirstLine(scanner.recordBytes, scanner.lines);
    scanner.lines++;
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

  /** Takes the unfinished record out; its first line is rejected, what follows it is returned to be read again. */
  rejectFirstLine(recordBytes: number, linesSoFar: number): Buffer {
    const all = Buffer.concat(this.chunks);
    const record = all.subarray(all.length - recordBytes);
    const newline = record.indexOf(this.file.dialect.newline);
    const line = newline < 0 ? record : record.subarray(0, newline + 1);
    this.chunks = [all.subarray(0, all.length - recordBytes)];
    this.bytes -= recordBytes;
    this.#dropped += line.length;
    this.rejected.push({
      line: this.#linesBefore + linesSoFar,
      reason: 'a quote that is opened here is never closed',
      raw: displayText(line.subarray(0, 10_000).toString('latin1').trimEnd(), this.file.dialect),
    });
    return record.subarray(line.length);
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
