// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadedHere } from '../support/load.ts';
import { filesConfig } from '../support/load-files.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { zstdStored } from '../support/zstd.ts';

const test = suite('zstd archives of many shapes');

const stored = (text: string) => zstdStored(Buffer.from(text));
/** By `zstd --ultra -22` from stdin, with its window of 128 MiB: the row `1,aaa...` with 70 letters. */
const packedRow = Buffer.from('KLUv/QSIVQAAIDEsYQoBAIaCIbjqXcs=', 'base64');

/** The same archive, with another descriptor of the window. */
function withWindow(frame: Buffer, descriptor: number): Buffer {
  const other = Buffer.from(frame);
  other[5] = descriptor;
  return other;
}

/** One byte for each block, repeated; the last one ends the frame. */
function repeated(blocks: readonly (readonly [text: string, times: number])[]): Buffer {
  const parts = blocks.map(([text, times], i) => {
    const block = Buffer.alloc(4, text);
    block.writeUIntLE((times << 3) | (1 << 1) | Number(i === blocks.length - 1), 0, 3);
    return block;
  });
  return Buffer.concat([zstdStored(Buffer.alloc(0)).subarray(0, 6), ...parts]);
}

function skippable(bytes: number): Buffer {
  const frame = Buffer.alloc(8 + bytes, 1);
  frame.writeUInt32LE(0x184d2a57, 0);
  frame.writeUInt32LE(bytes, 4);
  return frame;
}

async function load(project: TestProject, archive: readonly Buffer[]): Promise<Record<string, any>> {
  project.write('t.csv.zst', Buffer.concat(archive));
  const end = await loadedHere(project);
  return end;
}

const withFile = (work: (project: TestProject) => Promise<void>) =>
  withProject({ 'medallion.config.ts': filesConfig({ t: `'t.csv.zst'` }) }, work);

test('many small frames take no longer with a large window than with a small one', () =>
  withFile(async (project) => {
    const frames = (descriptor: number) => [
      stored('id,v\n'),
      ...Array.from({ length: 60 }, () => withWindow(packedRow, descriptor)),
    ];
    await load(project, frames(7 << 3));
    const small = await load(project, [...frames(7 << 3), packedRow]);
    const large = await load(project, frames(0x88));
    assert.equal([small.read, large.read], [61, 60]);
    assert.ok(
      large.durationMs < 10 * small.durationMs,
      `${Math.round(large.durationMs)} ms, and ${Math.round(small.durationMs)} ms`,
    );
    assert.equal(
      [...(await project.sql`select distinct id, length(v) as letters from bronze.t`)],
      [{ id: '1', letters: 74 }],
    );
  }));

test('frames of many blocks, large and tiny ones, and what is to be skipped between them', () =>
  withFile(async (project) => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i},value ${i}\n`).join('');
    const { read, error } = await load(project, [
      skippable(3),
      stored('id,v\n'),
      stored(lines),
      skippable(200_000),
      packedRow,
      stored('-1,'),
      repeated(Array.from({ length: 12 }, () => ['x', 100_000] as const)),
      repeated([
        ['y', 3],
        ['\n', 1],
      ]),
      stored(''),
      stored('-2,z'),
      skippable(0),
    ]);
    assert.is(read, 60_003, JSON.stringify(error));
    assert.equal(
      [
        ...(await project.sql`select id, length(v) as letters, right(v, 4) as tail from bronze.t where id in ('59999', '-1', '-2') order by id`),
      ],
      [
        { id: '-1', letters: 1_200_003, tail: 'xyyy' },
        { id: '-2', letters: 1, tail: 'z' },
        { id: '59999', letters: 11, tail: '9999' },
      ],
    );
  }));

test('a window that is too large is refused before memory is taken for it; what is cut off or no archive is, too', () =>
  withFile(async (project) => {
    const begin = stored('id,v\n1,a\n');
    const refusals: readonly [Buffer, RegExp][] = [
      [withWindow(stored('2,b\n'), 18 << 3), /needs a window of more than 128 MiB; pack it without --long/],
      [stored('2,b\n'.repeat(30_000)).subarray(0, -5), /the archive ends too early/],
      [packedRow.subarray(0, -3), /the archive ends too early/],
      [Buffer.from('nothing that an archive would hold'), /the archive is damaged/],
    ];
    for (const [end, refusal] of refusals) {
      const { error } = await load(project, [begin, end]);
      assert.is(error?.code, 'MDL3002', String(refusal));
      assert.match(error.message, refusal);
    }
  }));

test.run();
