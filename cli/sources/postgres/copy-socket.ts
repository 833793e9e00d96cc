import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { CopyChunk } from './batches.js';

/** Types of messages of the server: a byte, followed by the length of the rest in four. @see https://www.postgresql.org/docs/current/protocol-message-formats.html */
const copyOutResponse = 0x48;
const copyData = 0x64;
const headerBytes = 5;
/** What is read ahead: a chunk has up to 64 KiB. */
const readAheadChunks = 32;

/** Longest time for a connection to be made, in milliseconds. */
const patienceMs = 15_000;

/** Where the driver wants to connect to. */
export interface Address {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** Of a unix socket. */
  readonly path?: string | false | undefined;
}

/**
 * Connects. Only for an address of one host and without TLS, which the driver does by itself.
 * @throws the error of the connection
 */
export function connectCopySocket({ host, port, path }: Address): Promise<CopySocket> {
  return new Promise((resolve, reject) => {
    const socket = new CopySocket();
    socket.once('error', reject);
    socket.setTimeout(patienceMs, () =>
      socket.destroy(Object.assign(new Error(`no answer in ${patienceMs / 1000} s`), { code: 'ETIMEDOUT' })),
    );
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      resolve(socket);
    });
    if (path) socket.connect(path);
    else socket.connect(port[0]!, host[0]!);
  });
}

/**
 * A connection that keeps the rows of a COPY to itself and shows the driver all the rest. The driver makes several objects of each row, which costs more than Postgres
 * needs to send it; here what arrives together is handed on together.
 */
export class CopySocket extends Socket {
  /** Where rows go, from the moment on at which a COPY is expected. */
  #rows: Readable | undefined;
  #isCopying = false;
  /** Of a message that has not arrived whole: its beginning, while less than its header is known. */
  #header = Buffer.alloc(0);
  /** Bytes of the current message that are still to come, and whether they are of a row. */
  #left = 0;
  #isRow = false;

  /** Expects the answer to a COPY, which is sent next; `endRows` must be called when the driver has seen the end of it. @returns a stream of `CopyChunk` */
  expectRows(): Readable {
    this.#rows = new Readable({
      objectMode: true,
      highWaterMark: readAheadChunks,
      read: () => void this.resume(),
    });
    return this.#rows;
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    return event === 'data' && this.#rows
      ? this.#takeApart(values[0] as Buffer)
      : super.emit(event as never, ...(values as never[]));
  }

  #takeApart(received: Buffer): boolean {
    const bytes = this.#header.length > 0 ? Buffer.concat([this.#header, received]) : received;
    this.#header = Buffer.alloc(0);
    const others: Buffer[] = [];
    // Rows are moved together to the front of the chunk they are in.
    let packed = 0;
    let rows = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === 0) {
        if (bytes.length - at < headerBytes) {
          this.#header = Buffer.from(bytes.subarray(at));
          break;
        }
        this.#left =
          1 + ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!);
        this.#isRow = this.#isCopying && bytes[at] === copyData;
        if (bytes[at] === copyOutResponse) this.#isCopying = true;
        if (this.#isRow) {
          at += headerBytes;
          this.#left -= headerBytes;
        }
      }
      const end = Math.min(bytes.length, at + this.#left);
      this.#left -= end - at;
      if (this.#isRow) {
        bytes.copyWithin(packed, at, end);
        packed += end - at;
        if (this.#left === 0) rows++;
      } else others.push(Buffer.from(bytes.subarray(at, end)));
      at = end;
    }
    const chunk: CopyChunk = { bytes: bytes.subarray(0, packed), rows };
    if (packed > 0 && !this.#rows!.push(chunk)) this.pause();
    if (others.length > 0) super.emit('data', Buffer.concat(others));
    return true;
  }

  /** The COPY is over: everything is the driver's again. */
  endRows(error?: Error): void {
    const rows = this.#rows;
    const held = this.#header;
    this.#rows = undefined;
    this.#isCopying = false;
    this.#header = Buffer.alloc(0);
    this.#left = 0;
    if (held.length > 0) super.emit('data', held);
    if (error) rows?.destroy(error);
    else rows?.push(null);
  }
}
