import type { Dialect } from './dialect.js';

/** Where in a record the scanner stands. */
const At = { FieldStart: 0, Unquoted: 1, Quoted: 2, AfterQuote: 3 } as const;
type Place = (typeof At)[keyof typeof At];

const CR = 13;
const backslash = 92;
const dot = 46;

/**
 * Finds where records end, without decoding anything; keeps its state from chunk to chunk.
 * A batch that has anything unusual is marked `irregular`: COPY would refuse it, or read it differently than people mean it.
 */
export class RecordScanner {
  /** Records ended since `startBatch`. */
  records = 0;
  /** Line ends passed since the beginning. */
  lines = 0;
  irregular = false;
  /** Bytes of the record that is not yet ended. */
  recordBytes = 0;
  /** Lines of the record that is not yet ended. */
  recordLines = 0;
  /** The last quote that was opened is taken for one that is never closed. */
  isRunaway = false;
  #openedAt = 0;
  #at: Place = At.FieldStart;
  #sawLf = false;
  #sawCrLf = false;
  #last = 0;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #newline: number;

  constructor(dialect: Pick<Dialect, 'delimiter' | 'quote' | 'newline'>) {
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#quote = dialect.quote.charCodeAt(0);
    this.#newline = dialect.newline;
  }

  startBatch(): void {
    this.records = 0;
    this.irregular = false;
    this.#sawLf = false;
    this.#sawCrLf = false;
  }

  /** Begins anew at a record's start, after bytes were taken back. */
  restartRecord(): void {
    this.#at = At.FieldStart;
    this.recordBytes = 0;
    this.recordLines = 0;
    this.isRunaway = false;
    this.#last = 0;
  }

  /** The end of the file closes no quote. */
  get endsInQuotes(): boolean {
    return this.#at === At.Quoted;
  }

  /** Lines of the record up to the one, included, on which its last quote was opened. */
  get linesToQuote(): number {
    return this.#openedAt + 1;
  }

  /**
   * Reads on until `maxRecords` have ended since `startBatch`, a quote runs away, or the chunk is at its end. A quote runs away over `maxRecordBytes`, or to a
   * later line on which it closes in the middle of a text: that one was meant to open.
   * @returns the offset behind the last byte read
   */
  scan(chunk: Buffer, from: number, maxRecords: number, maxRecordBytes: number): number {
    // Without quotes and carriage returns every newline ends a record, and the runtime finds newlines faster than any loop.
    if (
      this.#at !== At.Quoted &&
      this.#at !== At.AfterQuote &&
      this.#newline === 10 &&
      chunk.indexOf(this.#quote, from) < 0 &&
      chunk.indexOf(CR, from) < 0
    ) {
      return this.#scanPlain(chunk, from, maxRecords);
    }
    return this.#scanBytes(chunk, from, maxRecords, maxRecordBytes);
  }

  #scanPlain(chunk: Buffer, from: number, maxRecords: number): number {
    let at = from;
    while (this.records < maxRecords) {
      const end = chunk.indexOf(10, at);
      if (end < 0) {
        this.recordBytes += chunk.length - at;
        if (chunk.length > at) this.#noteTail(chunk[chunk.length - 1]!);
        return chunk.length;
      }
      // A carriage return at the end of the chunk before belongs to this newline.
      const isCrLf = end === at && this.#last === CR;
      const length = this.recordBytes + end - at - (isCrLf ? 1 : 0);
      if (length <= 2 && this.#isSpecial(chunk, end, length)) this.irregular = true;
      if (isCrLf) this.#sawCrLf = true;
      else this.#sawLf = true;
      this.#endRecord();
      at = end + 1;
    }
    return at;
  }

  /** Remembers what a later chunk must know of this one's last byte. */
  #noteTail(byte: number): void {
    this.#last = byte;
    this.#at = byte === this.#delimiter ? At.FieldStart : At.Unquoted;
  }

  #scanBytes(chunk: Buffer, from: number, maxRecords: number, maxRecordBytes: number): number {
    const delimiter = this.#delimiter;
    const quote = this.#quote;
    const newline = this.#newline;
    let at: Place = this.#at;
    let last = this.#last;
    let recordStart = from - this.recordBytes;
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (at === At.Quoted) {
        if (byte === quote) at = At.AfterQuote;
        else if (byte === newline) this.recordLines++;
        if (i - recordStart >= maxRecordBytes) return this.#runAway(i + 1, recordStart);
      } else if (byte === newline) {
        const length = i - recordStart - (last === CR ? 1 : 0);
        if (length <= 2 && this.#isSpecial(chunk, last === CR ? i - 1 : i, length)) this.irregular = true;
        if (last === CR) this.#sawCrLf = true;
        else this.#sawLf = true;
        this.#endRecord();
        at = At.FieldStart;
        recordStart = i + 1;
        if (this.records >= maxRecords) {
          this.#at = at;
          this.#last = 0;
          return i + 1;
        }
        last = 0;
        continue;
      } else {
        if (last === CR && newline === 10) this.irregular = true;
        if (byte === delimiter) at = At.FieldStart;
        else if (byte === quote) {
          if (at === At.FieldStart) this.#openedAt = this.recordLines;
          if (at === At.FieldStart || at === At.AfterQuote) at = At.Quoted;
          else this.irregular = true;
        } else if (byte === CR && newline === 10) {
          if (at === At.FieldStart) at = At.Unquoted;
        } else {
          if (at === At.AfterQuote) {
            if (this.recordLines > this.#openedAt) return this.#runAway(i, recordStart);
            this.irregular = true;
          }
          at = At.Unquoted;
        }
      }
      last = byte;
    }
    this.#at = at;
    this.#last = last;
    this.recordBytes = chunk.length - recordStart;
    return chunk.length;
  }

  #runAway(at: number, recordStart: number): number {
    this.isRunaway = true;
    this.#at = At.FieldStart;
    this.recordBytes = at - recordStart;
    return at;
  }

  /** Blank lines, and `\.`, which ends COPY before Postgres 18. `end` is the offset behind the record's text. */
  #isSpecial(chunk: Buffer, end: number, length: number): boolean {
    if (length <= 0) return true;
    if (length !== 2) return false;
    return end < 2 || (chunk[end - 2] === backslash && chunk[end - 1] === dot);
  }

  #endRecord(): void {
    this.records++;
    this.lines += this.recordLines + 1;
    this.recordBytes = 0;
    this.recordLines = 0;
    this.#at = At.FieldStart;
    this.#last = 0;
    // COPY takes the first line's end for that of all lines.
    if (this.#sawLf && this.#sawCrLf) this.irregular = true;
  }

  /** Ends the record that the end of the file ends. */
  endOfFile(): void {
    if (this.recordBytes === 0) return;
    if (this.recordBytes <= 3 || this.#last === CR) this.irregular = true;
    this.#endRecord();
  }
}
