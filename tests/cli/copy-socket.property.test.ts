import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { counted, cutBatches } from '../../dist/sources/postgres/batches.js';
import { connectCopySocket } from '../../dist/sources/postgres/copy-socket.js';

const test = suite('COPY taken from a socket');

const message = (type: string, body: Buffer) => {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
/** What the server says in the middle of rows too: notices and settings. */
const other = fc.record({
  type: fc.constantFrom('N', 'S'),
  body: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
});
const row = fc.record({
  type: fc.constant('d'),
  body: fc
    .uint8Array({ maxLength: 200 })
    .map((bytes) => Buffer.from([...bytes.map((byte) => (byte === 10 ? 11 : byte)), 10])),
});
const conversation = fc.record({
  messages: fc.array(fc.oneof({ weight: 5, arbitrary: row }, other), { maxLength: 60 }),
  cuts: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
  batchRows: fc.integer({ min: 1, max: 20 }),
});

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

test('wherever the stream is cut: rows come whole and in order, the driver gets all the rest', async () => {
  let pieces: readonly Buffer[] = [];
  const server = createServer(async (socket) => {
    socket.setNoDelay(true);
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await fc.assert(
      fc.asyncProperty(conversation, async ({ messages, cuts, batchRows }) => {
        const begin = message('H', Buffer.from([0, 0, 0]));
        const end = Buffer.concat([
          message('c', Buffer.alloc(0)),
          message('C', Buffer.from('COPY')),
          message('Z', Buffer.from('I')),
        ]);
        const said = messages.map(({ type, body }) => message(type, body));
        pieces = cut(Buffer.concat([begin, ...said, end]), cuts);
        const socket = await connectCopySocket({ host: ['127.0.0.1'], port: [port] });
        const rows = socket.expectRows();
        const forDriver: Buffer[] = [];
        socket.on('data', (bytes) => forDriver.push(bytes));
        socket.on('end', () => socket.endRows());
        const batches = [];
        for await (const batch of cutBatches(rows, batchRows)) batches.push(batch);
        const expected = messages.filter(({ type }) => type === 'd').map(({ body }) => body);
        assert.ok(
          Buffer.concat(batches.flatMap(({ chunks }) => chunks as Buffer[])).equals(Buffer.concat(expected)),
        );
        assert.equal(
          batches.map(({ firstRow, read }) => [firstRow, read]),
          Array.from({ length: Math.ceil(expected.length / batchRows) }, (_, i) => [
            i * batchRows + 1,
            Math.min(batchRows, expected.length - i * batchRows),
          ]),
        );
        const others = said.filter((_, i) => messages[i]!.type !== 'd');
        assert.ok(Buffer.concat(forDriver).equals(Buffer.concat([begin, ...others, end])));
      }),
      { numRuns: 200 },
    );
  } finally {
    server.close();
  }
});

test('rows that are no text are rejected one by one', async () => {
  const bad = Buffer.from([...Buffer.from('caf'), 0xe9, 10]);
  async function* bytes() {
    yield Buffer.concat([Buffer.from('1\n'), bad, Buffer.from('3\n')]);
  }
  const { value: batch } = await cutBatches(counted(bytes()), 10).next();
  const { read, chunks, rejected } = await batch!.repair!();
  assert.equal(
    [read, Buffer.concat(chunks as Buffer[]).toString(), rejected.map((row: { raw: string }) => row.raw)],
    [3, '1\n3\n', ['café']],
  );
});

test.run();
