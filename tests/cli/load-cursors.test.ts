// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadedHere } from '../support/load.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { withSupabase } from '../support/supabase.ts';

const test = suite('cursors');

const config = (cursor: string, source = '') => `import { defineConfig, postgres } from 'medallion';
const s = postgres({ url: process.env.DATABASE_URL, schema: 'public', ${source} });
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s },
  bronze: { t: { from: 's.src', key: 'id', load: 'upsert', cursor: '${cursor}' } } });`;

const ids = async ({ sql }: TestProject) =>
  (await sql`select id from bronze.t order by id::int`).map(({ id }) => Number(id));

const table = `create table src (id int primary key, at timestamptz, day date, n float8, exact numeric, "Tx t" text)`;
const endless = `insert into src values (1, '2024-01-01', '2024-01-01', 1, 1, '8'), (2, 'infinity', 'infinity', 'NaN', 'NaN', '9'), (3, 'infinity', 'infinity', 'infinity', 'NaN', '9')`;
const later = `insert into src values (4, '2024-01-02', '2024-01-02', 2, 2, '95'), (5, '2023-01-01', '2023-01-01', 0, 0, '10')`;

for (const cursor of ['at', 'day', 'n', 'exact'])
  test(`a value without end is no place to go on from: ${cursor}`, async () => {
    const load = async (project: TestProject) => {
      const first = await loadedHere(project);
      assert.is(first.read, 3, JSON.stringify(first.error));
      await project.sql.unsafe(later);
      // The one that was the last, those without end, and the new one.
      assert.is((await loadedHere(project)).read, 4);
      assert.equal(await ids(project), [1, 2, 3, 4]);
    };
    await withProject({ 'medallion.config.ts': config(cursor) }, async (project) => {
      await project.sql.unsafe(`${table}; ${endless}`);
      await load(project);
    });
    await withSupabase(
      {
        sql: `${table}; ${endless}`,
        bronze: `from: 'api.src', key: 'id', load: 'upsert', cursor: '${cursor}'`,
      },
      ({ project }) => load(project),
    );
  });

test('rows without a value in the cursor are read with what is new, whatever the pages', async () => {
  const rows = `${table}; insert into src (id, at) select i, case when i % 2 = 0 then '2024-01-01'::timestamptz + i * interval '1 s' end from generate_series(1, 50) i`;
  const load = async (project: TestProject) => {
    assert.is((await loadedHere(project)).read, 50);
    await project.sql`insert into src (id, at) values (51, null), (52, '2024-02-01'), (53, '2020-01-01')`;
    const { read, inserted } = await loadedHere(project);
    assert.equal({ read, inserted }, { read: 28, inserted: 2 });
    assert.equal((await ids(project)).slice(-2), [51, 52]);
  };
  await withProject({ 'medallion.config.ts': config('at') }, async (project) => {
    await project.sql.unsafe(rows);
    await load(project);
  });
  for (const more of ['batchRows: 3', 'batchRows: 1000'])
    await withSupabase(
      {
        sql: rows,
        maxRows: 7,
        bronze: `from: 'api.src', key: 'id', load: 'upsert', cursor: 'at', ${more}`,
      },
      ({ project }) => load(project),
    );
});

test('a cursor of numbers as text is told: their order is another', async () => {
  const rows = `${table}; insert into src (id, "Tx t") values (1, '8'), (2, '9')`;
  const told = async (project: TestProject) =>
    assert.match((await loadedHere(project)).notices.join(), /cursor "Tx t" is a text, in whose order '10'/);
  await withProject({ 'medallion.config.ts': config('Tx t') }, async (project) => {
    await project.sql.unsafe(rows);
    await told(project);
    for (const inOrder of ['0009', '20240101', 'b9', '2024-01-01T00:00:00Z']) {
      await project.sql`update src set "Tx t" = ${inOrder}`;
      assert.equal((await loadedHere(project)).notices, [], inOrder);
    }
  });
  await withSupabase(
    { sql: rows, bronze: `from: 'api.src', key: 'id', load: 'upsert', cursor: 'Tx t'` },
    ({ project }) => told(project),
  );
});

test('other conditions or columns of the source: it is read once as a whole', () =>
  withProject({}, async (project) => {
    await project.sql.unsafe(
      `${table}; insert into src (id, at, n) select i, '2024-01-01'::timestamptz + i * interval '1 s', i % 2 from generate_series(1, 10) i`,
    );
    const load = async (settings: string) => {
      project.write('medallion.config.ts', config('at', `tables: { src: { ${settings} } }`));
      const { read, notices } = await loadedHere(project);
      return [read, notices.filter((notice: string) => notice.includes('read once as a whole')).length];
    };
    assert.equal(await load('where: "n = 1"'), [5, 0]);
    assert.equal(await load('where: "n = 1"'), [1, 0]);
    assert.equal(await load('where: "n >= 0"'), [10, 1]);
    assert.equal(await load('where: "n >= 0"'), [1, 0]);
    assert.equal(await load(`where: "n >= 0", columns: ['id', 'at', 'n', 'day']`), [10, 1]);
    assert.equal(await load(''), [10, 1]);
    assert.equal(await load(''), [1, 0]);
  }));

test('another schema, and a key that policies no longer hide rows from: read once as a whole', async () => {
  await withProject({}, async (project) => {
    await project.sql.unsafe(`${table}; insert into src (id, at) values (1, '2024-05-01');
      create schema other; create table other.src (like public.src); insert into other.src (id, at) values (2, '2024-01-01')`);
    const load = async (schema: string) => {
      const written = config('at').replace("schema: 'public'", `schema: '${schema}'`);
      project.write('medallion.config.ts', written);
      return loadedHere(project);
    };
    assert.equal((await load('public')).inserted, 1);
    const other = await load('other');
    assert.equal(other.inserted, 1);
    assert.match(other.notices.join(), 'settings of what to read (schema) are not those of the last load');
    assert.equal((await load('other')).notices, []);
  });
  const bronze = `from: 'api.src', key: 'id', load: 'upsert', cursor: 'at'`;
  await withSupabase(
    {
      sql: `${table}; insert into src (id, at) values (1, '2024-01-01'), (2, '2024-05-01');
        alter table src enable row level security; grant select on src to public; create policy p on src using (id = 2)`,
      bronze,
      source: `tables: { src: { key: 'id' } }`,
    },
    async ({ project, configure }) => {
      configure(bronze, `key: keys.anon, tables: { src: { key: 'id' } }`);
      assert.is((await loadedHere(project)).inserted, 1);
      configure(bronze, `tables: { src: { key: 'id' } }`);
      const { inserted, notices } = await loadedHere(project);
      assert.is(inserted, 1);
      assert.match(notices.join(), 'settings of what to read (role)');
      assert.equal((await loadedHere(project)).notices, []);
    },
  );
});

test.run();
