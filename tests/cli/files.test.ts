// in one process
import { gzipSync } from 'node:zlib';
import { type FileTable, files } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith } from '../support/assertions.ts';
import { counts, everyRowAccountedFor, loaded, rows } from '../support/load.ts';
import { filesConfig } from '../support/load-files.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { until } from '../support/wait.ts';
import { zstdStored } from '../support/zstd.ts';

const test = suite('files');

type Files = Readonly<Record<string, string | Buffer>>;
const withFiles = (
  table: string,
  files: Files,
  work: (project: TestProject) => Promise<void>,
  bronze?: string,
) => withProject({ 'medallion.config.ts': filesConfig({ t: table }, bronze), ...files }, work);

const two = [
  ['1', 'a'],
  ['2', 'b'],
];
const lines = '{"id":1,"v":"a"}\n{"id":2,"v":"b"}\n';
/** By the program `zstd`. */
const zstd = Buffer.from('KLUv/QRo9QAAsHsiaWQiOjEsInYiOiJhIn0KMmIifQoCAGCINMwlfJkUGQ==', 'base64');
const forms: readonly [name: string, path: string, bytes: string | Buffer, table?: string][] = [
  ['JSON lines', 't.jsonl', lines],
  [
    'JSON lines without a last newline, with CRLF and blank lines',
    't.ndjson',
    `\n${lines.trim().replace('\n', '\r\n\r\n')}`,
  ],
  ['JSON lines in a .json file', 't.json', lines],
  ['a JSON array', 't.json', '[{"id":1,"v":"a"},{"v":"b","id":2}]'],
  [
    'a JSON array over many lines',
    't.json',
    '\r\n[\n  {\n    "id": 1,\n    "v": "a"\n  } ,\n  { "id": 2, "v": "b" }\n]\n',
  ],
  ['a byte order mark', 't.json', '\ufeff[{"id":1,"v":"a"},{"id":2,"v":"b"}]'],
  ['UTF-16', 't.json', Buffer.from(`\ufeff${lines}`, 'utf16le')],
  ['gzip', 't.jsonl.gz', gzipSync(lines)],
  [
    'gzip in several members',
    't.jsonl.gz',
    Buffer.concat([gzipSync(lines.slice(0, 17)), gzipSync(lines.slice(17))]),
  ],
  ['gzip without the ending', 't.jsonl', gzipSync(lines)],
  ['zstd', 't.jsonl.zst', zstd],
  [
    'zstd in several frames',
    't.jsonl.zst',
    Buffer.concat([zstdStored(Buffer.from(lines.slice(0, 17))), zstdStored(Buffer.from(lines.slice(17)))]),
  ],
  ['CSV', 't.csv', 'id,v\n1,a\n2,b\n'],
  ['CSV in zstd', 't.csv.zst', zstdStored(Buffer.from('id,v\n1,a\n2,b\n'))],
  [
    'CSV with settings',
    't.txt',
    '1|a\n2|b\n',
    `{ path: 't.txt', format: 'csv', header: false, columns: ['id', 'v'], delimiter: '|' }`,
  ],
  [
    'chosen fields',
    't.jsonl',
    lines.replaceAll('}', ',"more":[1]}'),
    `{ path: 't.jsonl', columns: ['id', 'v'] }`,
  ],
];
test('every form of a file: its rows, and the file that each is from', () => {
  const paths = forms.map(([, path], i) => `f${i}/${path}`);
  const tables = forms.map(([, path, , table], i) => (table ?? `'${path}'`).replace(path, `f${i}/${path}`));
  return withProject(
    {
      'medallion.config.ts': filesConfig(Object.fromEntries(tables.map((table, i) => [`f${i}`, table]))),
      ...Object.fromEntries(forms.map(([, , bytes], i) => [paths[i]!, bytes])),
    },
    async (project) => {
      const finished = (events: Record<string, any>[]) =>
        new Map(events.filter(({ event }) => event === 'load.finished').map((event) => [event.node, event]));
      const first = await project.events('load');
      assert.equal(
        first.filter(({ event }) => event === 'notice'),
        [],
      );
      const second = finished(await project.events('load'));
      for (const [i, [name]] of forms.entries()) {
        const result = finished(first).get(`bronze.f${i}`)!;
        assert.equal(
          counts(result),
          { read: 2, inserted: 2, updated: 0, unchanged: 0, rejected: 0 },
          `${name}: ${JSON.stringify(result)}`,
        );
        const found = await project.sql.unsafe(`select * from bronze.f${i} order by id`);
        assert.equal(Object.keys(found[0]!), [
          'id',
          'v',
          'source_file',
          'load_timestamp',
          'process_id',
          'row_version',
        ]);
        assert.equal(
          found.map(({ id, v, source_file }) => [id, v, source_file]),
          two.map((row) => [...row, paths[i]]),
          name,
        );
        assert.is(second.get(`bronze.f${i}`)!.status, 'unchanged', name);
      }
    },
  );
});

test('sourceFile: false leaves the column out; one that the file has is kept', async () => {
  await withFiles(
    `{ path: 't.csv', sourceFile: false }`,
    { 't.csv': 'id,v\n1,a\n2,b\n' },
    async (project) => {
      await loaded(project);
      assert.not('source_file' in (await project.sql`select * from bronze.t limit 1`)[0]!);
    },
  );
  await withFiles(`'t.jsonl'`, { 't.jsonl': '{"id":1,"source_file":"own"}' }, async (project) => {
    assert.match(
      (await loaded(project)).notices.join(),
      'which file a row is from stands in "source_file_2"',
    );
    assert.equal(await rows(project, 'source_file, source_file_2, id'), [['own', 't.jsonl', '1']]);
  });
});

const exports: Files = {
  'in/2024/a.jsonl': '{"id":1,"v":"a"}\n',
  'in/2024/b.jsonl.gz': gzipSync('{"id":2,"new":true}\n{"id":3,"v":null}\n'),
  'in/2025/deep/er/c.jsonl': '{"id":4,"v":"d"}\n',
  'in/empty.jsonl': '',
  'in/.hidden.jsonl': 'no JSON',
  'in/other.txt': 'no JSON',
};

test('a pattern: all columns of all files, null where a file lacks one, and a note', () =>
  withFiles(`{ path: 'in/**/?*.jsonl*', format: 'json' }`, exports, async (project) => {
    const result = await loaded(project);
    assert.equal(counts(result), { read: 4, inserted: 4, updated: 0, unchanged: 0, rejected: 0 });
    assert.equal(await rows(project, 'id, v, new, source_file'), [
      ['1', 'a', null, 'in/2024/a.jsonl'],
      ['2', null, 'true', 'in/2024/b.jsonl.gz'],
      ['3', null, null, 'in/2024/b.jsonl.gz'],
      ['4', 'd', null, 'in/2025/deep/er/c.jsonl'],
    ]);
    assert.match(
      result.notices.join('\n'),
      /"new" is not in in\/2024\/a\.jsonl, in\/2025\/deep\/er\/c\.jsonl\. What a file lacks is null/,
    );
    assert.match(result.notices.join('\n'), 'in/empty.jsonl: no rows');
    await everyRowAccountedFor(project);
    assert.is((await loaded(project)).status, 'unchanged');
    project.write('in/2025/d.jsonl', '{"id":5,"v":"e"}');
    assert.is((await loaded(project)).read, 5);
    project.write('in/2025/d.jsonl', '{"id":6,"v":"e"}');
    assert.is((await loaded(project)).read, 5);
    assert.equal(await rows(project, `id, source_file`).then((found) => found.at(-1)), [
      '6',
      'in/2025/d.jsonl',
    ]);
  }));

test('CSV files whose columns stand in another order, with a key: the last file counts', () =>
  withFiles(
    `['b.csv', 'a.csv']`,
    { 'a.csv': 'v,id\nnew,1\n', 'b.csv': 'id,v\n1,old\n2,b\n' },
    async (project) => {
      const result = await loaded(project);
      assert.match(result.notices.join(), '1 rows of b.csv, a.csv are followed by a later one');
      assert.equal(await rows(project, 'id, v, source_file, row_version'), [
        ['1', 'new', 'a.csv', 1],
        ['2', 'b', 'b.csv', 1],
      ]);
      project.write('a.csv', 'v,id\nnewer,1\n');
      assert.equal(counts(await loaded(project)), {
        read: 3,
        inserted: 0,
        updated: 1,
        unchanged: 2,
        rejected: 0,
      });
      assert.equal(await rows(project, 'id, v, row_version'), [
        ['1', 'newer', 2],
        ['2', 'b', 1],
      ]);
    },
    `load: 'upsert', key: 'id'`,
  ));

test('a bad record goes to quarantine, with its file and line', () =>
  withFiles(
    `'in/*.json*'`,
    {
      'in/a.jsonl': '{"id":1}\n{"id":\n[3]\n{"id":4,"id":5}\n{"id":"\\u0000"}\n{"id":"\\ud800"}\n{"id":7}\n',
      'in/b.json': Buffer.from(
        '[{"id":8},\n 9,\n{"id" 10},\n{"id":"\xff"},"\\"}]", null, {"id":11}]',
        'latin1',
      ),
    },
    async (project) => {
      assert.equal(counts(await loaded(project)), {
        read: 14,
        inserted: 4,
        updated: 0,
        unchanged: 0,
        rejected: 10,
      });
      assert.equal(await rows(project, 'id'), [['1'], ['11'], ['7'], ['8']]);
      const found =
        await project.sql`select source, line, reason from medallion.rejected_rows order by source, line, reason`;
      assert.equal(
        found.map(({ source, line }) => `${source}:${line}`),
        [
          ...[2, 3, 4, 5, 6].map((line) => `in/a.jsonl:${line}`),
          ...[2, 3, 4, 4, 4].map((line) => `in/b.json:${line}`),
        ],
      );
      for (const [i, reason] of [
        'not readable as JSON',
        'an array, not an object',
        'Duplicate key',
        'U+0000',
        'surrogate',
        'a number, not',
        'not readable',
        'a string, not',
        'not valid UTF-8',
        'null, not',
      ].entries())
        assert.ok(
          found.some((row) => row.reason.includes(reason)),
          `${i} ${reason}`,
        );
      await everyRowAccountedFor(project);
    },
    'maxRejects: 20, batchRows: 2',
  ));

const cut = gzipSync(lines.repeat(1000)).subarray(0, 60);
const wrong: readonly [name: string, table: string, files: Files, code: string, message: RegExp][] = [
  ['no file', `'t.jsonl'`, {}, 'MDL3001', /There is no file w\d+\/t\.jsonl/],
  ['no match', `'in/**/*.jsonl'`, { 'in/a.txt': '' }, 'MDL3001', /No file matches w\d+\/in\/\*\*\/\*\.jsonl/],
  ['a folder', `'in.json'`, { 'in.json/a': '' }, 'MDL3002', /it is a folder/],
  ['a truncated gzip', `'t.jsonl.gz'`, { 't.jsonl.gz': cut }, 'MDL3002', /the archive ends too early/],
  [
    'a truncated zstd',
    `'t.jsonl.zst'`,
    { 't.jsonl.zst': zstd.subarray(0, -9) },
    'MDL3002',
    /the archive ends too early/,
  ],
  ['a broken gzip', `'t.jsonl.gz'`, { 't.jsonl.gz': 'no archive' }, 'MDL3002', /the archive is damaged/],
  ['a broken zstd', `'t.jsonl.zst'`, { 't.jsonl.zst': 'no archive' }, 'MDL3002', /the archive is damaged/],
  ['an empty file', `'t.jsonl'`, { 't.jsonl': '' }, 'MDL3003', /no rows, so its columns are not known/],
  ['an empty array', `'t.json'`, { 't.json': ' [ ] ' }, 'MDL3003', /no rows/],
  ['an empty CSV', `'t.csv'`, { 't.csv': '' }, 'MDL3003', /is empty/],
  ['numbers', `'t.json'`, { 't.json': '[1, 2]' }, 'MDL3009', /t\.json:1: it is a number, not an object/],
  [
    'one object over lines',
    `'t.json'`,
    { 't.json': '{\n"a": 1\n}' },
    'MDL3009',
    /t\.json:1: not readable as JSON/,
  ],
  [
    'an array that is cut off',
    `'t.json'`,
    { 't.json': '[{"a":1},\n{"a":2' },
    'MDL3009',
    /t\.json:2:1: the element that begins here never ends/,
  ],
  [
    'an array without an end',
    `'t.json'`,
    { 't.json': '[{"a":1}\n' },
    'MDL3009',
    /t\.json:2: the file ends where a comma or \] must stand/,
  ],
  [
    'a missing comma',
    `'t.json'`,
    { 't.json': '[{"a":1}\n {"a":2}]' },
    'MDL3009',
    /t\.json:2:2: \{ stands where a comma or \] must/,
  ],
  [
    'something behind the array',
    `'t.json'`,
    { 't.json': '[{"a":1}],' },
    'MDL3009',
    /t\.json:1:10: , stands where nothing more must/,
  ],
  [
    'a comma too many',
    `'t.json'`,
    { 't.json': '[{"a":1},]' },
    'MDL3009',
    /t\.json:1:10: \] stands where an element must/,
  ],
  [
    'a thousand fields too many',
    `'t.jsonl'`,
    { 't.jsonl': `{${Array.from({ length: 1700 }, (_, i) => `"f${i}":1`)}}` },
    'MDL3009',
    /1700 different fields/,
  ],
];
test('what cannot be read says which file, where and why; bronze has none of it', () =>
  withProject(
    {
      'medallion.config.ts': filesConfig(
        Object.fromEntries(wrong.map(([, table], i) => [`w${i}`, table.replace("'", `'w${i}/`)])),
      ),
      ...Object.fromEntries(
        wrong.flatMap(([, , files], i) =>
          Object.entries(files).map(([path, bytes]) => [`w${i}/${path}`, bytes]),
        ),
      ),
    },
    async (project) => {
      const events = await project.events('load');
      for (const [i, [name, , , code, message]] of wrong.entries()) {
        const { error } = events.find(
          (event) => event.event === 'load.finished' && event.node === `bronze.w${i}`,
        )!;
        assert.is(error?.code, code, `${name}: ${JSON.stringify(error)}`);
        assert.match(error.message, message);
      }
      assert.equal([...(await project.sql`select tablename from pg_tables where schemaname = 'bronze'`)], []);
    },
  ));

test('settings that cannot be meant are MDL1003', async () => {
  const settings: readonly [table: string | FileTable, message: RegExp][] = [
    ['t.dat', /t\.dat does not tell one format; say which: format: 'csv'/],
    [{ path: ['a.csv', 'b.json'] }, /does not tell one format/],
    [{ path: 't.json', delimiter: ';' }, /delimiter is a setting of csv files, and this is json/],
    [{ path: [] }, /path must name a file/],
    [{ path: 't.csv', delimiter: ';;' }, /delimiter must be one ASCII character/],
  ];
  for (const [table, message] of settings)
    assert.match((await failsWith('MDL1003', () => files({ tables: { t: table } }))).message, message);
});

test('--limit reads the beginning, over the ends of files; --dry-run tells the size', () =>
  withFiles(`'*.csv'`, { 'a.csv': 'id\n1\n2\n', 'b.csv': 'id\n3\n4\n' }, async (project) => {
    assert.is((await loaded(project, '--limit', '3')).read, 3);
    assert.equal(await rows(project, 'id'), [['1'], ['2'], ['3']]);
    assert.is((await loaded(project)).read, 4);
    assert.is((await project.mdl('load', '--dry-run')).code, 0);
  }));

test('an interrupted load goes on in the middle of a file', () => {
  const part = (from: number) =>
    Array.from({ length: 100_000 }, (_, i) => `{"id":${from + i},"v":"value number ${from + i}"}`);
  return withFiles(
    `{ path: '*.json*', columns: ['id', 'v'] }`,
    {
      'a.json': `[${part(0).join(',\n')}]`,
      'b.jsonl.gz': gzipSync(part(100_000).join('\n'), { level: 1 }),
      'c.json': `[${part(200_000).join(',')}]`,
    },
    async (project) => {
      for (const batches of [20, 130, 250]) {
        const child = project.spawn('load');
        const ended = new Promise((resolve) => child.on('close', resolve));
        await until(async () => {
          const found = await project.sql`select from medallion.load_batches`.catch(() => ({ count: 0 }));
          return found.count >= batches || child.exitCode !== null;
        });
        child.kill('SIGKILL');
        await ended;
      }
      const result = await loaded(project);
      assert.is(result.status, 'succeeded', JSON.stringify(result));
      assert.match(result.notices.join(), /Going on after [\d,]+ rows/);
      const found =
        await project.sql`select source_file, count(*)::int, count(distinct id)::int as ids, sum(id::bigint)::bigint from bronze.t group by 1 order by 1`;
      assert.equal(
        found.map((row) => Object.values(row)),
        ['a.json', 'b.jsonl.gz', 'c.json'].map((name, i) => [
          name,
          100_000,
          100_000,
          String(i * 1e10 + 4_999_950_000),
        ]),
      );
      await everyRowAccountedFor(project);
    },
    'batchRows: 1000',
  );
});

test.run();
