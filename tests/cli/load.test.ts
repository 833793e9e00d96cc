// core, pooled: runs on every server
// in one process
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { config, counts, everyRowAccountedFor, loaded, rows } from '../support/load.ts';
import { withProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

const test = suite('load');

test('replace: all rows, again only when the file has changed', () =>
  withProject({ 'medallion.config.ts': config(''), 'seeds/t.csv': 'id,v\n1,a\n2,b\n' }, async (project) => {
    assert.equal(counts(await loaded(project)), {
      read: 2,
      inserted: 2,
      updated: 0,
      unchanged: 0,
      rejected: 0,
    });
    const again = await loaded(project);
    assert.is(again.status, 'unchanged');
    assert.equal(counts(again), { read: 2, inserted: 0, updated: 0, unchanged: 2, rejected: 0 });
    project.write('seeds/t.csv', 'id,v\n3,c\n');
    assert.equal(counts(await loaded(project)), {
      read: 1,
      inserted: 1,
      updated: 0,
      unchanged: 0,
      rejected: 0,
    });
    assert.equal(await rows(project), [['3', 'c']]);
    assert.is((await loaded(project, '--full-refresh')).unchanged, 1);
    await everyRowAccountedFor(project);
  }));

test('append: rows are added, the same file is not added twice', () =>
  withProject(
    { 'medallion.config.ts': config(`load: 'append'`), 'seeds/t.csv': 'id,v\n1,a\n' },
    async (project) => {
      await loaded(project);
      assert.is((await loaded(project)).status, 'unchanged');
      project.write('seeds/t.csv', 'id,v\n2,b\n');
      assert.is((await loaded(project)).inserted, 1);
      assert.equal(await rows(project, 'id, v, process_id, row_version'), [
        ['1', 'a', '1', 1],
        ['2', 'b', '3', 1],
      ]);
      await everyRowAccountedFor(project);
    },
  ));

test('upsert: new, changed and equal rows; versions; equal rows are not touched', () =>
  withProject(
    {
      'medallion.config.ts': config(`load: 'upsert', key: 'id', batchRows: 2`),
      'seeds/t.csv': 'id,v\n1,a\n2,b\n3,\n4,d\n2,b2\n',
    },
    async (project) => {
      const first = await loaded(project);
      assert.equal(counts(first), { read: 5, inserted: 4, updated: 0, unchanged: 1, rejected: 0 });
      assert.match(
        first.notices.join(),
        '1 rows of seeds/t.csv are followed by a later one with the same key (id)',
      );
      assert.equal(await rows(project, 'id, v, row_version'), [
        ['1', 'a', 1],
        ['2', 'b2', 1],
        ['3', null, 1],
        ['4', 'd', 1],
      ]);
      const place = (await project.sql`select ctid::text, xmin::text from bronze.t where id = '1'`)[0];
      project.write('seeds/t.csv', 'v,id\na,1\n"",3\nb3,2\ne,5\nd,4\n');
      assert.equal(counts(await loaded(project)), {
        read: 5,
        inserted: 1,
        updated: 2,
        unchanged: 2,
        rejected: 0,
      });
      assert.equal(await rows(project, 'id, v, row_version'), [
        ['1', 'a', 1],
        ['2', 'b3', 2],
        ['3', '', 2],
        ['4', 'd', 1],
        ['5', 'e', 1],
      ]);
      assert.equal((await project.sql`select ctid::text, xmin::text from bronze.t where id = '1'`)[0], place);
      await everyRowAccountedFor(project);
    },
  ));

test('upsert: a row without a key is rejected', () =>
  withProject(
    {
      'medallion.config.ts': config(`load: 'upsert', key: ['id', 'v'], maxRejects: 1`),
      'seeds/t.csv': 'id,v\n1,a\n,b\n',
    },
    async (project) => {
      assert.equal(counts(await loaded(project)), {
        read: 2,
        inserted: 1,
        updated: 0,
        unchanged: 0,
        rejected: 1,
      });
      assert.match(
        (await project.sql`select reason from medallion.rejected_rows`)[0]!.reason,
        'the key (id, v) is empty',
      );
      project.write('seeds/t.csv', 'id,v\n1,a\n,b\n,c\n');
      assert.is((await loaded(project)).error.code, 'MDL3004');
      await everyRowAccountedFor(project);
    },
  ));

test('a row without a key is kept whole in quarantine, however many columns it has', () => {
  const names = Array.from({ length: 120 }, (_, i) => `c${i}`);
  return withProject(
    {
      'medallion.config.ts': config(`load: 'upsert', key: 'c0', maxRejects: 1`),
      'seeds/t.csv': `${names.join(',')}\n${names.join(',')}\n,${names.slice(1).join(',')}\n`,
    },
    async (project) => {
      assert.equal(counts(await loaded(project)), {
        read: 2,
        inserted: 1,
        updated: 0,
        unchanged: 0,
        rejected: 1,
      });
      const [kept] = await project.sql`select reason, raw from medallion.rejected_rows`;
      assert.is(kept!.reason, 'the key (c0) is empty');
      const raw = JSON.parse(kept!.raw);
      assert.equal([raw.c0, raw.c1, raw.c119, Object.keys(raw).length], [null, 'c1', 'c119', 120]);
      await everyRowAccountedFor(project);
    },
  );
});

test('rejected rows: quarantined with line and reason, or the load fails with them as its error', () =>
  withProject(
    { 'medallion.config.ts': config(''), 'seeds/t.csv': 'id,v\n1,a\n2\n3,c,x\n4,d\n' },
    async (project) => {
      const { code, stdout } = await project.mdl('load');
      assert.is(code, 1);
      assert.match(stdout, 'MDL3004 seeds/t.csv: 2 rows cannot be loaded, and maxRejects is 0');
      assert.match(stdout, 'seeds/t.csv:3: 1 field where the header has 2: 2');
      assert.match(stdout, 'seeds/t.csv:4: 3 fields where the header has 2: 3,c,x');
      assert.is((await project.sql`select to_regclass('bronze.t') as t`)[0]!.t, null);
      project.write('medallion.config.ts', config('maxRejects: 2'));
      assert.equal(counts(await loaded(project)), {
        read: 4,
        inserted: 2,
        updated: 0,
        unchanged: 0,
        rejected: 2,
      });
      const kept =
        await project.sql`select line, raw from medallion.rejected_rows r join medallion.loads l using (load_id) where l.status = 'loaded' order by line`;
      assert.equal(
        kept.map((row) => [row.line, row.raw]),
        [
          ['3', '2'],
          ['4', '3,c,x'],
        ],
      );
      await everyRowAccountedFor(project);
    },
  ));

const wrong: readonly [
  name: string,
  code: string,
  files: Record<string, string | Buffer>,
  bronze?: string,
][] = [
  ['an empty file', 'MDL3003', { 'seeds/t.csv': '' }],
  ['a missing file', 'MDL3001', { 'seeds/tt.csv': 'id\n' }],
  ['a folder in place of a file', 'MDL3002', { 'seeds/t.csv/x': '' }],
  [
    'a truncated archive',
    'MDL3002',
    { 'seeds/t.csv.gz': gzipSync(`id,v\n${'1,abcdefghijkl\n'.repeat(20_000)}`).subarray(0, 400) },
  ],
  ['a key that is not there', 'MDL3005', { 'seeds/t.csv': 'id,v\n1,a\n' }, `load: 'upsert', key: 'idd'`],
];
for (const [name, code, files, bronze] of wrong) {
  test(`${name} is ${code}, and bronze stays as it was`, () =>
    withProject({ 'medallion.config.ts': config(bronze ?? ''), ...files }, async (project) => {
      const result = await loaded(project);
      assert.is(result.error.code, code, JSON.stringify(result.error));
      assert.is((await project.sql`select to_regclass('bronze.t') as t`)[0]!.t, null);
    }));
}

test('a bronze table of another shape, or of others, is left alone', () =>
  withProject({ 'medallion.config.ts': config(''), 'seeds/t.csv': 'id,v\n1,a\n' }, async (project) => {
    await project.sql.unsafe('create schema bronze; create table bronze.t (id integer)');
    assert.is((await loaded(project)).error.code, 'MDL3007');
    await project.sql.unsafe(
      'drop table bronze.t; create table bronze.t (id text, load_timestamp timestamptz, process_id text, row_version integer)',
    );
    assert.is((await loaded(project)).error.code, 'MDL4302');
  }));

test('an interrupted load goes on after its last committed batch', () =>
  withProject(
    {
      'medallion.config.ts': config('batchRows: 1000'),
      'seeds/t.csv': `id,v\n${Array.from({ length: 400_000 }, (_, i) => `${i},value number ${i}`).join('\n')}\n`,
    },
    async (project) => {
      const child = project.spawn('load');
      const ended = new Promise((resolve) => child.on('close', resolve));
      await until(async () => {
        const found = await project.sql`select from medallion.load_batches`.catch(() => ({ count: 0 }));
        return found.count >= 20;
      });
      child.kill('SIGKILL');
      await ended;
      const result = await loaded(project);
      assert.is(result.status, 'succeeded', JSON.stringify(result));
      assert.match(result.notices.join(), /Going on after [\d,]+ rows/);
      assert.equal(counts(result), {
        read: 400_000,
        inserted: 400_000,
        updated: 0,
        unchanged: 0,
        rejected: 0,
      });
      const [row] =
        await project.sql`select count(*) as rows, count(distinct id) as ids, sum(id::int) as sum from bronze.t`;
      assert.equal({ ...row }, { rows: '400000', ids: '400000', sum: String((399_999 * 400_000) / 2) });
      await everyRowAccountedFor(project);
    },
  ));

test.run();
