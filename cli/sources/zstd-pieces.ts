/** Frames of up to so many bytes are looked at as a whole before they are unpacked. */
const smallFrameBytes = 64 * 1024;
/** Frames of more blocks may unpack to too much at once: a few bytes can stand for 128 KiB. */
const mostBlocksAtOnce = 8;
/** Of any frame, by the format. */
const mostHeaderBytes = 18;
const blockHeaderBytes = 3;
const mostUnpackedBytes = 128 * 1024;
/** What `zstd -d` itself takes without being told to take more. */
const mostWindowBytes = 128 * 1024 * 1024;
const smallestWindowLog = 10;

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a5;

/**
 * Cuts a zstd archive into pieces that each unpack to 1 MiB at most: a small frame, or a block of a larger one. A small frame gets a window that just holds what it
 * may unpack to: fzstd takes memory for the whole window, and moves all of it for each block. What is no archive is handed on for fzstd to refuse.
 * @throws Error with the code of fzstd for it (1) when a frame wants a window of more than 128 MiB
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1
 */
export async function* zstdPieces(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = lookAhead(packed);
  try {
    while (await input.has(1)) {
      await input.has(smallFrameBytes);
      // At the end of a file there may be less.
      const head = Buffer.concat([input.held().subarray(0, mostHeaderBytes)], mostHeaderBytes);
      const magic = head.readUInt32LE(0);
      if (magic >>> 4 === skippableMagic) yield* input.take(8 + head.readUInt32LE(4));
      else if (magic !== frameMagic) yield* input.take(Number.POSITIVE_INFINITY);
      else yield* frame(input, readHeader(head));
    }
  } finally {
    await input.close();
  }
}

async function* frame(input: LookAhead, header: Header): AsyncGenerator<Buffer> {
  if (header.windowBytes > mostWindowBytes)
    throw Object.assign(new Error('the window is too large'), { code: 1 });
  const small = measureSmall(input.held(), header);
  if (small) {
    const piece = Buffer.from(input.held().subarray(0, small.bytes));
    if (!header.isSingle && small.mostUnpacked < header.windowBytes)
      piece[5] = Math.max(0, Math.ceil(Math.log2(small.mostUnpacked)) - smallestWindowLog) << 3;
    input.drop(small.bytes);
    return yield piece;
  }
  yield* input.take(header.bytes);
  for (let isLast = false; !isLast && (await input.has(blockHeaderBytes)); ) {
    const block = readBlock(input.held(), 0);
    await input.has(block.bytes);
    yield* input.take(block.bytes);
    isLast = block.isLast;
  }
  yield* input.take(header.checksumBytes);
}

interface Header {
  readonly bytes: number;
  readonly checksumBytes: number;
  /** The window is as large as what the frame unpacks to, and is not told otherwise. */
  readonly isSingle: boolean;
  readonly windowBytes: number;
}

function readHeader(head: Buffer): Header {
  const descriptor = head[4]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag > 0 ? 1 << sizeFlag : Number(isSingle);
  const sizeAt = 5 + Number(!isSingle) + [0, 1, 2, 4][descriptor & 3]!;
  const base = 2 ** (smallestWindowLog + (head[5]! >> 3));
  return {
    bytes: sizeAt + sizeBytes,
    checksumBytes: (descriptor & 4) === 0 ? 0 : 4,
    isSingle,
    windowBytes: isSingle ? readSize(head, sizeAt, sizeBytes) : base + (base / 8) * (head[5]! & 7),
  };
}

function readSize(head: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(head.readBigUInt64LE(at));
  return head.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

interface Block {
  readonly bytes: number;
  readonly mostUnpacked: number;
  readonly isLast: boolean;
}

function readBlock(held: Buffer, at: number): Block {
  const word = held.readUIntLE(at, blockHeaderBytes);
  const kind = (word >> 1) & 3;
  const size = word >> 3;
  return {
    // The second kind is one byte, repeated; only the third is compressed.
    bytes: blockHeaderBytes + (kind === 1 ? 1 : size),
    mostUnpacked: kind === 2 ? mostUnpackedBytes : size,
    isLast: (word & 1) === 1,
  };
}

/** @returns undefined: the frame is not small, or not all of it is there */
function measureSmall(held: Buffer, header: Header): { bytes: number; mostUnpacked: number } | undefined {
  let at = header.bytes;
  let mostUnpacked = 1;
  for (let blocks = 0; blocks < mostBlocksAtOnce; blocks++) {
    if (at + blockHeaderBytes > held.length) return undefined;
    const block = readBlock(held, at);
    at += block.bytes;
    mostUnpacked += block.mostUnpacked;
    if (at > smallFrameBytes) return undefined;
    if (!block.isLast) continue;
    const bytes = at + header.checksumBytes;
    return bytes <= held.length ? { bytes, mostUnpacked } : undefined;
  }
  return undefined;
}

interface LookAhead {
  /** What has been read and not been taken. */
  held(): Buffer;
  /** Reads until so many bytes are held. @returns false: there are not so many any more */
  has(bytes: number): Promise<boolean>;
  drop(bytes: number): void;
  /** So many bytes, as they come; fewer at the end. */
  take(bytes: number): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

function lookAhead(packed: AsyncIterable<Buffer>): LookAhead {
  const chunks = packed[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  const input: LookAhead = {
    held: () => held,
    async has(bytes) {
      const more: Buffer[] = [];
      for (let have = held.length; have < bytes; have += more.at(-1)!.length) {
        const { value, done } = await chunks.next();
        if (done) break;
        more.push(value);
      }
      if (more.length > 0) held = Buffer.concat([held, ...more]);
      return held.length >= bytes;
    },
    drop(bytes) {
      held = held.subarray(bytes);
    },
    async *take(bytes) {
      for (let left = bytes; left > 0 && (await input.has(1)); ) {
        const piece = held.subarray(0, left);
        left -= piece.length;
        held = held.subarray(piece.length);
        yield piece;
      }
    },
    async close() {
      await chunks.return?.();
    },
  };
  return input;
}
