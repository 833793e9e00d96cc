import { setImmediate as turn } from 'node:timers/promises';

/** More at once would unpack more at once. */
const mostBytes = 64 * 1024;
const fewestBytes = 256;
/** A step should take no longer: signals, timers and other loads wait for its end. */
const longMs = 20;

/**
 * Unpacks a zstd stream; Node 20 itself cannot. Each frame takes memory of its own, some milliseconds' worth: where there are many small ones, smaller steps are
 * taken.
 * @throws ZstdError (its `code` is a number) when the archive is damaged, ends too early, or wants a window of more than 32 MiB
 */
export async function* unzstd(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Decompress } = await import('fzstd');
  let unpacked: Buffer[] = [];
  const archive = new Decompress((chunk) => {
    unpacked.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  });
  const take = (chunk: Buffer, isLast: boolean) => {
    unpacked = [];
    archive.push(chunk, isLast);
    return unpacked.filter(({ length }) => length > 0);
  };
  let step = fewestBytes;
  for await (const chunk of packed)
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + step);
      at += part.length;
      const started = performance.now();
      const chunks = take(part, false);
      const ms = performance.now() - started;
      if (ms > longMs) step = Math.max(fewestBytes, step / 2);
      else if (ms < longMs / 4) step = Math.min(mostBytes, step * 2);
      yield* chunks;
      await turn();
    }
  yield* take(Buffer.alloc(0), true);
}
