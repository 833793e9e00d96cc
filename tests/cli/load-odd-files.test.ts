// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestProject, withProject } from '../support/project.ts';
import { zstdStored } from '../support/zstd.ts';

const test = suite('loads of odd files and of changed settings');

const config = (source: string, bronze: string) => `import { defineConfig, files, postgres } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { f: ${source} }, bronze: ${bronze} });`;
const tables = (...patterns: readonly string[]) => `files({ tables: { t: ${JSON.stringify(patterns)} } })`;

async function loaded(project: TestProject): Promise<string> {
  const { code, stdout, stderr } = await project.mdl('load');
  assert.is(code, 0, stdout + stderr);
  return stdout + stderr;
}
const rows = async ({ sql }: TestProject, select: string) =>
  (await sql.unsafe<{ row: string }[]>(`select r::text as row from (${select}) r order by 1`)).map(
    ({ row }) => row,
  );

test('line ends of two carriage returns and a newline', () =>
  withProject(
    {
      'medallion.config.ts': config(tables('d/t.csv'), `{ t: { from: 'f.t' } }`),
      'd/t.csv': 'id,txt\r\r\n1,a\r\r\n2,"b"\r\r\n',
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, 'select id, txt from bronze.t'), ['(1,a)', '(2,b)']);
    },
  ));

for (const [name, delimiter] of [
  ['a comma', ','],
  ['a semicolon', ';'],
] as const)
  test(`carriage returns end lines, and newlines stand in quotes, with ${name}`, () =>
    withProject(
      {
        'medallion.config.ts': config(tables('d/t.csv'), `{ t: { from: 'f.t' } }`),
        'd/t.csv': 'id,txt\r1,"a\nb ""c"""\r2,d\r'.replaceAll(',', delimiter),
      },
      async (project) => {
        await loaded(project);
        assert.equal(await rows(project, 'select id, txt from bronze.t'), ['(1,"a\nb ""c""")', '(2,d)']);
      },
    ));

test('the line by which Excel says the delimiter is no row; lines are counted with it', () =>
  withProject(
    {
      'medallion.config.ts': config(tables('d/t.csv'), `{ t: { from: 'f.t', maxRejects: 1 } }`),
      'd/t.csv': 'sep=|\r\nid|txt\r\n1|a,b,c\r\n2\r\n',
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, 'select id, txt from bronze.t'), ['(1,"a,b,c")']);
      assert.equal(await rows(project, 'select line, raw from medallion.rejected_rows'), ['(4,2)']);
    },
  ));

test('lines of spaces before the header', () =>
  withProject(
    {
      'medallion.config.ts': config(tables('d/t.csv'), `{ t: { from: 'f.t' } }`),
      'd/t.csv': '  \n\nid,txt\n1,a\n',
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, 'select id, txt from bronze.t'), ['(1,a)']);
    },
  ));

test('a quote that is never closed takes its own line only, and lines after it are counted right', () =>
  withProject(
    {
      'medallion.config.ts': config(tables('d/t.csv'), `{ t: { from: 'f.t', maxRejects: 10 } }`),
      'd/t.csv': [
        'id,a,b',
        '1,"open,x',
        '2,"b",x',
        '3,"two',
        'lines",x',
        '4,"two',
        'lines","open',
        '5,e,"x"',
        '6',
        '7,g,x',
        '8,h,"open',
      ].join('\n'),
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, 'select id, a, b from bronze.t'), [
        '(2,b,x)',
        '(3,"two\nlines",x)',
        '(5,e,x)',
        '(7,g,x)',
      ]);
      assert.equal(
        (await project.sql`select line, raw from medallion.rejected_rows order by line`).map(
          ({ line, raw }) => `${line}: ${raw}`,
        ),
        ['2: 1,"open,x', '6: 4,"two\nlines","open', '9: 6', '11: 8,h,"open'],
      );
    },
  ));

test('a field that is NUL and the word null is no null', () =>
  withProject(
    {
      'medallion.config.ts': config(tables('d/t.csv'), `{ t: { from: 'f.t', maxRejects: 1 } }`),
      'd/t.csv': 'id,txt\n1,\u0000null\n2,b\n',
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, 'select id, txt from bronze.t'), ['(2,b)']);
    },
  ));

test('a zstd archive of many small frames', () =>
  withProject(
    {
      'medallion.config.ts': config(tables('d/t.csv.zst'), `{ t: { from: 'f.t' } }`),
      'd/t.csv.zst': Buffer.concat(
        ['id,txt\n', ...Array.from({ length: 3000 }, (_, i) => `${i},"a\n${i}"\n`)].map((text) =>
          zstdStored(Buffer.from(text)),
        ),
      ),
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, 'select count(*), sum(id::int), max(txt) from bronze.t'), [
        '(3000,4498500,"a\n999")',
      ]);
    },
  ));

test('UTF-16 says itself what it is, whatever encoding the settings say', () =>
  withProject(
    {
      'medallion.config.ts': config(
        `files({ tables: { t: { path: 'd/t.csv', encoding: 'latin1' } } })`,
        `{ t: { from: 'f.t' } }`,
      ),
      'd/t.csv': Buffer.from('\ufeffid,city\n1,São Paulo\n', 'utf16le'),
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, 'select id, city from bronze.t'), ['(1,"São Paulo")']);
    },
  ));

test('a file that two patterns match is read once', () =>
  withProject(
    {
      'medallion.config.ts': config(tables('d/ov-a*.csv', 'd/ov-*.csv'), `{ t: { from: 'f.t' } }`),
      'd/ov-a.csv': 'id\n1\n',
      'd/ov-b.csv': 'id\n2\n',
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, 'select id from bronze.t'), ['(1)', '(2)']);
      assert.match(await loaded(project), /unchanged/);
    },
  ));

test('columns by the names that Postgres has for its own get others', () =>
  withProject(
    {
      'medallion.config.ts': config(tables('d/t.csv'), `{ t: { from: 'f.t', load: 'upsert', key: 'id' } }`),
      'd/t.csv': 'id,xmin,ctid,mdl_line\n1,2,3,4\n',
    },
    async (project) => {
      await loaded(project);
      assert.equal(
        await rows(project, 'select id, source_xmin, source_ctid, source_mdl_line from bronze.t'),
        ['(1,2,3,4)'],
      );
    },
  ));

test('upserts into tables whose long names begin alike', () => {
  const name = (year: number) => `salesforce_opportunity_line_item_history_${year}`;
  return withProject(
    {
      'medallion.config.ts': config(
        `files({ tables: { a: 'd/a.csv', b: 'd/b.csv' } })`,
        `{ ${name(2023)}: { from: 'f.a', load: 'upsert', key: 'id' }, ${name(2024)}: { from: 'f.b', load: 'upsert', key: 'id' } }`,
      ),
      'd/a.csv': 'id,a\n1,x\n',
      'd/b.csv': 'id,b\n1,y\n',
    },
    async (project) => {
      await loaded(project);
      assert.equal(await rows(project, `select id, a from bronze.${name(2023)}`), ['(1,x)']);
      assert.equal(await rows(project, `select id, b from bronze.${name(2024)}`), ['(1,y)']);
    },
  );
});

test('what becomes of rows that are gone is asked anew when the answer changes', () => {
  const bronze = (deletes: string) =>
    config(tables('d/t.csv'), `{ t: { from: 'f.t', load: 'upsert', key: 'id', deletes: '${deletes}' } }`);
  return withProject({ 'medallion.config.ts': bronze('keep'), 'd/t.csv': 'id\n1\n2\n' }, async (project) => {
    await loaded(project);
    project.write('d/t.csv', 'id\n1\n');
    await loaded(project);
    project.write('medallion.config.ts', bronze('mark'));
    await loaded(project);
    assert.equal(await rows(project, 'select id, row_deleted_at is not null from bronze.t'), [
      '(1,f)',
      '(2,t)',
    ]);
  });
});

test('a cursor counts only for the table that it was read from', () => {
  const from = (table: string) =>
    config(
      `postgres({ url: process.env.DATABASE_URL, schema: 'public' })`,
      `{ t: { from: 'f.${table}', load: 'upsert', key: 'id', cursor: 'upd' } }`,
    );
  return withProject({ 'medallion.config.ts': from('one') }, async (project) => {
    await project.sql.unsafe(`
      create table one as select n as id, n as upd, 'a' || n as v from generate_series(1, 5) n;
      create table other as select n as id, n as upd, 'b' || n as v from generate_series(1, 6) n`);
    await loaded(project);
    project.write('medallion.config.ts', from('other'));
    await loaded(project);
    assert.equal(await rows(project, 'select v from bronze.t'), [
      '(b1)',
      '(b2)',
      '(b3)',
      '(b4)',
      '(b5)',
      '(b6)',
    ]);
  });
});

test.run();
