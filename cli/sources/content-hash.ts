import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { unreadable } from './bytes.js';

/**
 * What a file holds, as it is stored. Times are not trusted: a checkout changes them, an edit may keep them.
 * @throws MedallionError MDL3002 when it cannot be read; the signal's reason when aborted
 */
export async function contentHash(
  path: string,
  origin: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  try {
    await pipeline(file, hash, signal ? { signal } : {});
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw unreadable(origin, cause);
  }
  return { sha256: hash.digest('hex'), bytes: file.bytesRead };
}
