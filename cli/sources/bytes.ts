import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MedallionError } from '../errors/index.js';
import { unzstd } from './zstd.js';

export type Packing = 'gzip' | 'zstd' | undefined;

export interface ByteOptions {
  readonly path: string;
  /** For errors: relative to the project. */
  readonly origin: string;
  readonly packing: Packing;
  /** Set for UTF-16: the bytes come out as UTF-8. */
  readonly decode: 'utf-16le' | 'utf-16be' | undefined;
  /** Bytes of the result to leave out at its beginning. */
  readonly skip: number;
  readonly signal: AbortSignal | undefined;
  /** Told how many bytes of the file have been read. */
  readonly onFileBytes?: (bytes: number) => void;
}

const chunkBytes = 512 * 1024;

/**
 * Streams a file's bytes, unpacked and as UTF-8 where it was UTF-16.
 * @throws MedallionError MDL3002 when the file cannot be read or its archive is damaged
 */
export async function* readBytes(options: ByteOptions): AsyncGenerator<Buffer> {
  const direct = options.packing === undefined && options.decode === undefined;
  const file = createReadStream(options.path, {
    highWaterMark: chunkBytes,
    start: direct ? options.skip : 0,
    ...(options.signal && { signal: options.signal }),
  });
  const decoder = options.decode && new TextDecoder(options.decode);
  let skip = direct ? 0 : options.skip;
  try {
    for await (const raw of unpack(file, options.packing)) {
      options.onFileBytes?.(file.bytesRead + (direct ? options.skip : 0));
      const chunk = decoder ? Buffer.from(decoder.decode(raw, { stream: true })) : raw;
      if (skip >= chunk.length) skip -= chunk.length;
      else {
        yield skip > 0 ? chunk.subarray(skip) : chunk;
        skip = 0;
      }
    }
  } catch (cause) {
    if (cause instanceof MedallionError || options.signal?.aborted) throw cause;
    throw unreadable(options.origin, cause);
  } finally {
    file.destroy();
  }
}

function unpack(file: NodeJS.ReadableStream, packing: Packing): AsyncIterable<Buffer> {
  if (packing === 'zstd') return unzstd(file as AsyncIterable<Buffer>);
  if (packing === undefined) return file as AsyncIterable<Buffer>;
  // pipeline() hands an error of the file on to the reader of the archive.
  return pipeline(file, createGunzip({ chunkSize: chunkBytes }), () => {});
}

/**
 * How a file is packed: by its first bytes, which a server or a rename cannot make wrong; a damaged one by its ending.
 * @throws MedallionError MDL3002 when it cannot be read
 */
export function packingOf(path: string, origin: string): Packing {
  const beginning = firstBytes(path, origin, 4);
  if (beginning.readUInt16BE(0) === 0x1f8b || path.endsWith('.gz')) return 'gzip';
  if (beginning.readUInt32LE(0) === 0xfd2fb528 || path.endsWith('.zst')) return 'zstd';
  return undefined;
}

/** As many bytes as asked for, zeros behind the end of a shorter file. */
function firstBytes(path: string, origin: string, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, bytes, 0, count, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unreadable(origin, cause);
  }
  return bytes;
}

/** The first bytes of a file, unpacked; `options.skip` is not looked at. */
export async function readSample(options: Omit<ByteOptions, 'skip' | 'signal'>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readBytes({ ...options, skip: 0, signal: undefined })) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= sampleBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, sampleBytes);
}

const sampleBytes = 1024 * 1024;

/** A byte order mark at the beginning of a file. */
export function detectMark(
  sample: Buffer,
): { readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be'; readonly bytes: number } | undefined {
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (sample[0] === 0xff && sample[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (sample[0] === 0xfe && sample[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return undefined;
}

const reasons: Readonly<Record<string | number, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'its rights forbid it',
  EISDIR: 'it is a folder',
  Z_BUF_ERROR: 'the archive ends too early',
  // The numbers are those of fzstd.
  1: 'its archive needs a window of more than 128 MiB; pack it without --long, or with 27 for it at most',
  5: 'the archive ends too early',
};

/** The error of a file that cannot be read: MDL3002 with the reason. */
export function unreadable(origin: string, cause: unknown): MedallionError {
  const code = (cause as { code?: string | number }).code;
  const isArchive = typeof code === 'number' || code?.startsWith('Z_');
  const reason = reasons[code ?? ''] ?? (isArchive ? 'the archive is damaged' : (cause as Error).message);
  return new MedallionError('MDL3002', {
    message: `${origin} cannot be read: ${reason}.`,
    where: { file: origin },
    cause,
  });
}
