/** A zstd archive of these bytes, stored and not compressed, which Node 20 cannot write itself (RFC 8878, blocks of type raw). */
export function zstdStored(bytes: Buffer): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt32LE(0xfd2fb528);
  // No checksum, no content size, a window of 128 KiB.
  header[5] = 7 << 3;
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 0x10000) {
    const block = bytes.subarray(at, at + 0x10000);
    const isLast = at + 0x10000 >= bytes.length;
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | Number(isLast), 0, 3);
    blocks.push(head, block);
  }
  return Buffer.concat([header, ...blocks]);
}
