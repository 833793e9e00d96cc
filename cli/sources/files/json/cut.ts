import { badFile } from '../bad-file.js';

/** Where a record begins in a file: in its (unpacked, UTF-8) bytes and in its lines. */
export interface JsonPosition {
  readonly bytes: number;
  readonly line: number;
}

/** The bytes of one record, which nobody has looked into yet. */
export interface CutRecord {
  readonly bytes: Buffer;
  /** Line on which it begins, from 1. */
  readonly line: number;
  /** What comes after it. */
  readonly end: JsonPosition;
}

/** A record larger than this is taken for a bracket or a quote that is never closed. */
const maxRecordBytes = 64 * 1024 * 1024;

/** Cuts a stream of bytes into records; told each chunk, it gives those that end in it. */
export interface Cutter {
  push(chunk: Buffer): CutRecord[];
  /** What is left when the file ends. @throws MedallionError MDL3009 when it ends in the middle */
  end(): CutRecord[];
}

/** Keeps the bytes of a record that goes over the end of a chunk. */
export class OpenRecord {
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Line on which it begins. */
  line = 1;

  constructor(readonly origin: string) {}

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** @throws MedallionError MDL3009 when the record is too large to be one */
  add(part: Buffer): void {
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > maxRecordBytes)
      throw badFile(this.origin, { line: this.line }, 'the record that begins here is larger than 64 MiB');
  }

  /** All of it, with its last part; the next one begins empty. */
  take(last: Buffer): Buffer {
    const whole = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#bytes = 0;
    return whole;
  }
}
