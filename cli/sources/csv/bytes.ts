import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MedallionError } from '../../errors/index.js';

export interface ByteOptions {
  readonly path: string;
  /** For errors: relative to the project. */
  readonly origin: string;
  readonly isGzip: boolean;
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
  const direct = !options.isGzip && options.decode === undefined;
  const file = createReadStream(options.path, {
    highWaterMark: chunkBytes,
    start: direct ? options.skip : 0,
    ...(options.signal && { signal: options.signal }),
  });
  // pipeline() hands an error of the file on to the reader of the archive.
  const unpacked = options.isGzip ? pipeline(file, createGunzip({ chunkSize: chunkBytes }), () => {}) : file;
  const decoder = options.decode && new TextDecoder(options.decode);
  let skip = direct ? 0 : options.skip;
  try {
    for await (const raw of unpacked as AsyncIterable<Buffer>) {
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

export function unreadable(origin: string, cause: unknown): MedallionError {
  const code = (cause as { code?: string }).code;
  const reason =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EACCES'
        ? 'its rights forbid it'
        : code === 'Z_BUF_ERROR'
          ? 'the archive ends too early'
          : code?.startsWith('Z_')
            ? 'the archive is damaged'
            : (cause as Error).message;
  return new MedallionError('MDL3002', {
    message: `${origin} cannot be read: ${reason}.`,
    where: { file: origin },
    cause,
  });
}
