import { setImmediate as turn } from 'node:timers/promises';
import { zstdPieces } from './zstd-pieces.js';

/** Signals, timers and other loads wait no longer. */
const longMs = 10;

/**
 * Unpacks a zstd stream; Node 20 itself cannot.
 * @throws ZstdError (its `code` is a number) when the archive is damaged, ends too early, or wants a window of more than 128 MiB
 */
export async function* unzstd(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Decompress } = await import('fzstd');
  let unpacked: Buffer[] = [];
  const archive = new Decompress((chunk) => {
    unpacked.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  });
  const take = (piece: Buffer, isLast: boolean) => {
    unpacked = [];
    archive.push(piece, isLast);
    return unpacked.filter(({ length }) => length > 0);
  };
  let turned = performance.now();
  for await (const piece of zstdPieces(packed)) {
    yield* take(piece, false);
    if (performance.now() - turned < longMs) continue;
    await turn();
    turned = performance.now();
  }
  yield* take(Buffer.alloc(0), true);
}
