/** More at once would unpack more at once. */
const stepBytes = 64 * 1024;

/**
 * Unpacks a zstd stream; Node 20 itself cannot.
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
  for await (const chunk of packed)
    for (let at = 0; at < chunk.length; at += stepBytes)
      yield* take(chunk.subarray(at, at + stepBytes), false);
  yield* take(Buffer.alloc(0), true);
}
