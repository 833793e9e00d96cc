// in one process
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { config, counts, everyRowAccountedFor, loaded, rows } from '../support/load.ts';
import { withProject } from '../support/project.ts';

const test = suite('load of CSV');

const dialects: readonly [
  name: string,
  file: string,
  bytes: string | Buffer,
  expected: unknown[][],
  notice?: RegExp,
][] = [
  [
    'quotes, newlines and delimiters in fields',
    't.csv',
    'id,v\n1,"a,""b""\nc"\n2,""\n3,\n',
    [
      ['1', 'a,"b"\nc'],
      ['2', ''],
      ['3', null],
    ],
  ],
  [
    'a byte order mark and CRLF',
    't.csv',
    '\uFEFFid,v\r\n1,a\r\n2,"b\r\nc"\r\n',
    [
      ['1', 'a'],
      ['2', 'b\r\nc'],
    ],
  ],
  [
    'no newline at the end',
    't.csv',
    'id,v\n1,a\n2,b',
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
  ],
  ['semicolons', 't.csv', 'id;v\n1;a,b\n', [['1', 'a,b']]],
  ['tabs', 't.tsv', 'id\tv\n1\ta b\n', [['1', 'a b']]],
  ['pipes', 't.csv', 'id|v\n1|a\n', [['1', 'a']]],
  [
    'old Macintosh line ends',
    't.csv',
    'id,v\r1,a\r2,b\r',
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
  ],
  [
    'mixed line ends',
    't.csv',
    'id,v\n1,a\r\n2,b\n',
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
  ],
  [
    'blank lines are no rows',
    't.csv',
    'id,v\n\n1,a\n\r\n\n2,b\n\n',
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
  ],
  [
    'a stray quote inside a field',
    't.csv',
    'id,v\n1,5" pipe\n2,b\n',
    [
      ['1', '5" pipe'],
      ['2', 'b'],
    ],
  ],
  ['gzip', 't.csv.gz', gzipSync('id,v\n1,a\n'), [['1', 'a']]],
  ['UTF-16', 't.csv', Buffer.from('\uFEFFid,v\n1,ção €\n', 'utf16le'), [['1', 'ção €']]],
  [
    'Latin-1, guessed',
    't.csv',
    Buffer.from('id,v\n1,a\xe7\xe3o\n', 'latin1'),
    [['1', 'ação']],
    /read as windows-1252/,
  ],
  ['only a header', 't.csv', 'id,v\n', []],
  [
    'a line that ends COPY on old servers',
    't.csv',
    'id,v\n1,a\n2,\\.\n',
    [
      ['1', 'a'],
      ['2', '\\.'],
    ],
  ],
];
for (const [name, file, bytes, expected, notice] of dialects) {
  test(`csv: ${name}`, () =>
    withProject({ 'medallion.config.ts': config(''), [`seeds/${file}`]: bytes }, async (project) => {
      const result = await loaded(project);
      assert.is(result.status, 'succeeded', JSON.stringify(result.error));
      assert.equal(await rows(project), expected);
      if (notice) assert.match(result.notices.join(), notice);
      await everyRowAccountedFor(project);
    }));
}

test('csv: one column whose values are blank, \\. and a quote that never closes', () =>
  withProject(
    { 'medallion.config.ts': config('maxRejects: 1'), 'seeds/t.csv': 'id\na\n\\.\nb\n"c\nd\n' },
    async (project) => {
      const result = await loaded(project);
      assert.equal(counts(result), { read: 5, inserted: 4, updated: 0, unchanged: 0, rejected: 1 });
      assert.equal(await rows(project, 'id'), [['\\.'], ['a'], ['b'], ['d']]);
      const [rejected] = await project.sql`select line, reason, raw from medallion.rejected_rows`;
      assert.equal(
        [rejected!.line, rejected!.reason, rejected!.raw],
        ['5', 'a quote that is opened here is never closed', '"c'],
      );
    },
  ));

test('csv: invalid bytes and NUL are rejected where they stand', () =>
  withProject(
    {
      'medallion.config.ts': config('maxRejects: 5', `csv({ dir: 'seeds', encoding: 'utf8' })`),
      'seeds/t.csv': Buffer.concat([
        Buffer.from('id,v\n1,a\n2,'),
        Buffer.from([0xff]),
        Buffer.from('\n3,x\u0000y\n4,é\n'),
      ]),
    },
    async (project) => {
      assert.equal(counts(await loaded(project)), {
        read: 4,
        inserted: 2,
        updated: 0,
        unchanged: 0,
        rejected: 2,
      });
      const reasons = await project.sql`select line, reason from medallion.rejected_rows order by line`;
      assert.equal(
        reasons.map((row) => `${row.line}: ${row.reason}`),
        ['3: field 2 is not valid UTF-8', '4: field 2 contains a NUL byte, which Postgres text cannot hold'],
      );
    },
  ));

test('csv: headers that are doubled, empty, too long or taken get names, with a notice', () =>
  withProject(
    {
      'medallion.config.ts': config(''),
      'seeds/t.csv': `id, v ,v,,process_id,${'x'.repeat(80)}\n1,2,3,4,5,6\n`,
    },
    async (project) => {
      const { notices } = await loaded(project);
      assert.is(notices.length, 4);
      const [row] = await project.sql`select * from bronze.t`;
      const names = Object.keys(row!);
      assert.equal(names.slice(0, 5), ['id', 'v', 'v_2', 'column_4', 'source_process_id']);
      assert.match(names[5]!, /^x{54}_[0-9a-f]{8}$/);
    },
  ));

test('csv: a new column becomes one of bronze, a lost one is null; reordered ones go by name', () =>
  withProject(
    { 'medallion.config.ts': config(`load: 'upsert', key: 'id'`), 'seeds/t.csv': 'id,v,w\n1,a,x\n' },
    async (project) => {
      await loaded(project);
      project.write('seeds/t.csv', 'n,v,id\nnew,b,2\n');
      const { notices } = await loaded(project);
      assert.match(notices.join('\n'), 'no longer has "w"');
      assert.match(notices.join('\n'), 'has new columns: "n"');
      assert.equal(await rows(project, 'id, v, w, n'), [
        ['1', 'a', 'x', null],
        ['2', 'b', null, 'new'],
      ]);
      project.write('medallion.config.ts', config(''));
      await loaded(project);
      assert.equal(await rows(project, 'id, v, w, n'), [['2', 'b', null, 'new']]);
    },
  ));

test('csv: files without a header', () =>
  withProject(
    {
      'medallion.config.ts': config(
        '',
        `csv({ dir: 'seeds', header: false, columns: ['id', 'v'], nullText: 'NULL' })`,
      ),
      'seeds/t.csv': '1,NULL\n2,"NULL"\n',
    },
    async (project) => {
      assert.is((await loaded(project)).inserted, 2);
      assert.equal(await rows(project), [
        ['1', null],
        ['2', 'NULL'],
      ]);
    },
  ));

test.run();
