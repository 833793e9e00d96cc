// core, pooled: runs on every server, and through a transaction pooler
// in one process
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { counts, everyRowAccountedFor, loaded, rows } from '../support/load.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

const test = suite('postgres as a source');
const isPooled = process.env.MDL_TEST_MDL_URL !== process.env.MDL_TEST_URL;

/** The source is another schema of the project's database. @param bronze settings of each table by its name */
const config = (bronze: Readonly<Record<string, string>>, source = '', project = '') =>
  `import { defineConfig, postgres } from 'medallion';
const s = postgres({ url: process.env.DATABASE_URL, schema: 'origem', ${source} });
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s }, ${project}
  bronze: { ${Object.entries(bronze)
    .map(([name, settings]) => `${name}: { ${settings} }`)
    .join(', ')} } });`;

const withSource = (
  sql: string,
  files: Readonly<Record<string, string>>,
  work: (project: TestProject) => Promise<void>,
) =>
  withProject(files, async (project) => {
    await project.sql.unsafe(
      `create schema origem; set search_path = origem; ${sql}; set search_path = public`,
    );
    await work(project);
  });

/** All values as COPY prints them. */
async function printed(project: TestProject, select: string): Promise<string> {
  const reserved = await project.sql.reserve();
  try {
    await reserved.unsafe(`set timezone = 'UTC'; set datestyle = 'ISO'`).simple();
    const stream = await reserved.unsafe(`copy (${select}) to stdout`).readable();
    return Buffer.concat(await stream.toArray()).toString();
  } finally {
    reserved.release();
  }
}

const kinds = `
  create type mood as enum ('sad', 'happy');
  create type pair as (a int, b text);
  create table "Tábua ""x""" (
    id bigint primary key, "Größe é" text, "with ""quotes"" and blanks" text, "select" int, "UPPER" text, n numeric, f float8, r real, j json, jb jsonb, b bytea, ts timestamp,
    tz timestamptz, d date, t time, iv interval, arr text[], nums bigint[], e mood, p pair, bo boolean, u uuid, ip inet, c char(5), rng int4range, x xml, bits bit(3), pt point,
    half bigint generated always as (id / 2) stored
  );
  insert into "Tábua ""x""" values
    (9007199254740993, 'ação', 'a"b', 1, 'Q', 123456789012345678901234567890.123456789, 0.1::float8 + 0.2, 0.1, '{"a": 1.0, "a": 2}', '{"big": 12345678901234567890123}', '\\x00ff10',
      '2024-02-29 23:59:59.123456', '2024-02-29 23:59:59.123456-03', '0044-03-15 BC', '24:00', '1 year 2 mons 3.000004 s', '{a,"b,c",NULL,"null",""}', '{9223372036854775807,NULL}', 'happy',
      '(1,"x ""y"" z")', true, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.0/8', 'ab', '[1,5)', '<a>1</a>', '101', '(1,2)'),
    (-5, '', E'tab\\t newline\\n return\\r backslash \\\\ \\\\N \\\\.', null, E'\\\\.', 'NaN', 'Infinity', '-0', 'null', 'null', '', 'infinity', '-infinity', 'infinity', '00:00', '0', '{}', '{}', 'sad', '(,)',
      false, null, '::1', '', 'empty', null, null, null),
    (0, ${Array(27).fill('null').join(', ')})`;

test('values of every type reach bronze as Postgres prints them, whatever names have', () =>
  withSource(kinds, { 'medallion.config.ts': config({ t: `from: 's.Tábua "x"'` }) }, async (project) => {
    const result = await loaded(project);
    assert.equal(
      counts(result),
      { read: 3, inserted: 3, updated: 0, unchanged: 0, rejected: 0 },
      JSON.stringify(result),
    );
    const names = await project.sql`
        select string_agg(quote_ident(attname), ', ' order by attnum) as list from pg_attribute
         where attrelid = 'origem."Tábua ""x"""'::regclass and attnum > 0`;
    const { list } = names[0]!;
    assert.is(
      await printed(project, `select ${list} from bronze.t order by id`),
      await printed(project, `select ${list} from origem."Tábua ""x""" order by id::text`),
    );
    await everyRowAccountedFor(project);
  }));

test('what can be read: tables, parts as one, views, chosen columns and rows; without bronze, all of them', () =>
  withSource(
    `create table a (id int primary key, v text); insert into a select i, 'v' || i from generate_series(1, 25) i;
     create table "vazia" (id int);
     create view b as select id * 2 as id from a; create materialized view c as select id from a where id < 4;
     create table parts (id int, at date) partition by range (at);
     create table parts_1 partition of parts for values from ('2024-01-01') to ('2025-01-01');
     create table parts_2 partition of parts for values from ('2025-01-01') to ('2026-01-01');
     insert into parts values (1, '2024-05-01'), (2, '2025-05-01')`,
    {
      'medallion.config.ts': `import { defineConfig, postgres } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: postgres({ url: process.env.DATABASE_URL, schema: 'origem' }) } });`,
    },
    async (project) => {
      const { code, stdout } = await project.mdl('load');
      assert.is(code, 0, stdout);
      const found = await project.sql`
        select relname as name, (xpath('/row/c/text()', query_to_xml('select count(*) as c from bronze.' || quote_ident(relname), false, true, '')))[1]::text as rows
          from pg_class where relnamespace = 'bronze'::regnamespace and relkind = 'r' order by 1`;
      assert.equal(
        found.map(({ name, rows: count }) => [name, count]),
        [
          ['a', '25'],
          ['b', '25'],
          ['c', '3'],
          ['parts', '2'],
          ['vazia', '0'],
        ],
      );
      project.write(
        'medallion.config.ts',
        config(
          { t: `from: 's.a'` },
          `tables: { a: { columns: ['id'], where: "id > 20 or v = 'v1' -- all" } }`,
        ),
      );
      assert.is((await loaded(project)).read, 6);
      assert.equal(Object.keys((await project.sql`select * from bronze.t limit 1`)[0]!)[0], 'id');
      const dry = await project.mdl('load', '--dry-run');
      assert.match(dry.stdout, /bronze\.t .*\/origem\.a .*all rows/);
      assert.equal(counts(await loaded(project, '--limit', '4')).read, 4);
    },
  ));

// With a setting for TLS the driver makes the connection itself.
for (const way of ['', '?sslmode=prefer'])
  test(`batches are cut at rows, also where rows are large ${way}`, () =>
    withSource(
      `create table a (id int primary key, v text);
     insert into a select i, case when i % 9 = 0 then repeat(E'\\n\\\\', 3000000) else repeat('x', i % 100) end from generate_series(1, 2345) i where i % 9 > 0 or i < 60`,
      {
        'medallion.config.ts': config({ t: `from: 's.a', batchRows: 100` }).replace(
          'url: process.env.DATABASE_URL,',
          `url: process.env.DATABASE_URL + '${way}',`,
        ),
      },
      async (project) => {
        const result = await loaded(project);
        assert.is(result.status, 'succeeded', JSON.stringify(result));
        const [sums] = await project.sql`
          select (select md5(string_agg(id || md5(v), ',' order by id)) from origem.a) as a, (select md5(string_agg(id || md5(v), ',' order by id::int)) from bronze.t) as b`;
        assert.is(sums!.a, sums!.b);
        const [batches] =
          await project.sql`select max(read)::int as most, count(*) filter (where read < 100)::int as short from medallion.load_batches`;
        assert.is(batches!.most, 100);
        assert.ok(batches!.short > 2, 'large rows end their batches early');
        await everyRowAccountedFor(project);
      },
    ));

test('all tables of a run are read at one moment, while they are written to', () =>
  withSource(
    'create table a (n int); create table b (n int); insert into a values (0); insert into b values (0)',
    { 'medallion.config.ts': config({ a: `from: 's.a'`, b: `from: 's.b'` }, '', 'threads: 1,') },
    async (project) => {
      let isWriting = true;
      const writing = (async () => {
        while (isWriting)
          await project.sql`with a as (update origem.a set n = n + 1) update origem.b set n = n + 1`;
      })();
      const seen = new Set<string>();
      for (let round = 0; round < 4; round++) {
        const { code, stdout } = await project.mdl('load');
        assert.is(code, 0, stdout);
        const [row] = await project.sql`select (select n from bronze.a) as a, (select n from bronze.b) as b`;
        assert.is(row!.a, row!.b, `round ${round}`);
        seen.add(row!.a);
      }
      isWriting = false;
      await writing;
      assert.is(seen.size, 4, 'each run has a moment of its own');
    },
  ));

test('by cursor only what is new; a load of all marks what is gone', () =>
  withSource(
    `create table a (id int primary key, v text, at timestamptz);
     insert into a select i, 'v' || i, '2024-01-01'::timestamptz + i * interval '1 min' from generate_series(1, 5) i`,
    {
      'medallion.config.ts': config({
        t: `from: 's.a', key: 'id', load: 'upsert', cursor: 'at', deletes: 'mark'`,
      }),
    },
    async (project) => {
      assert.is((await loaded(project)).read, 5);
      await project.sql`update origem.a set v = 'new', at = '2024-02-01' where id = 2`;
      await project.sql`delete from origem.a where id = 1`;
      // The one with the last value comes again.
      assert.equal(counts(await loaded(project)), {
        read: 2,
        inserted: 0,
        updated: 1,
        unchanged: 1,
        rejected: 0,
      });
      assert.is((await loaded(project, '--since', '2024-01-01 00:04:00+00')).read, 3);
      const whole = await loaded(project, '--full');
      assert.equal([whole.read, whole.deleted], [4, 1]);
      assert.equal(await rows(project, 'id, v, row_version, row_deleted_at is not null'), [
        ['1', 'v1', 2, true],
        ['2', 'new', 2, false],
        ['3', 'v3', 1, false],
        ['4', 'v4', 1, false],
        ['5', 'v5', 1, false],
      ]);
    },
  ));

test('names that are not there, and tables that cannot be, are told with the nearest', () =>
  withSource(
    'create table pedidos (id int); create table nada ()',
    {
      'medallion.config.ts': config(
        { t: `from: 's.pedido'`, u: `from: 's.nada'`, v: `from: 's.pedidos'` },
        `tables: { pedidos: { columns: ['idd'] } }`,
      ),
    },
    async (project) => {
      const events = await project.events('load');
      const errorOf = (node: string) =>
        events.find((event) => event.event === 'load.finished' && event.node === node)?.error;
      assert.equal(
        [errorOf('bronze.t').code, errorOf('bronze.t').hint],
        ['MDL3001', 'Did you mean pedidos?'],
      );
      assert.is(errorOf('bronze.u').code, 'MDL3003');
      assert.equal([errorOf('bronze.v').code, errorOf('bronze.v').hint], ['MDL3001', 'Did you mean id?']);
    },
  ));

test('a select that fails in the middle, a connection that is cut: bronze stays as it was, and nothing stays open', () =>
  withSource(
    `create table a (id int); insert into a select generate_series(1, 30000);
     create view v as select case when id = 29999 then 1 / (id - 29999) else id end as id from a`,
    { 'medallion.config.ts': config({ t: `from: 's.a'` }) },
    async (project) => {
      const sourceBackends = () =>
        project.sql`select pid from pg_stat_activity where datname = current_database() and application_name = 'mdl source'`;
      const count = async () => (await project.sql`select count(*)::int as count from bronze.t`)[0]!.count;
      assert.is((await loaded(project)).read, 30_000);
      project.write('medallion.config.ts', config({ t: `from: 's.v'` }));
      const failed = await loaded(project);
      assert.equal([failed.status, failed.error.code], ['failed', 'MDL3002']);
      assert.match(failed.error.message, /division by zero/);
      assert.is(await count(), 30_000);

      await project.sql.unsafe(
        'create view origem.slow as select id, pg_sleep(case when id % 100 = 0 then 0.05 else 0 end)::text from origem.a',
      );
      project.write('medallion.config.ts', config({ t: `from: 's.slow'` }));
      const cut = project.events('load');
      await until(async () => {
        const { count: killed } = await project.sql`
          select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy (select%' and wait_event = 'PgSleep' and datname = current_database()`;
        return killed > 0;
      });
      const { error } = (await cut).find(({ event }) => event === 'load.finished')!;
      assert.is(error.code, 'MDL3002', JSON.stringify(error));
      assert.is(await count(), 30_000);

      const child = project.spawn('load');
      await until(
        async () =>
          (
            await project.sql`select from pg_stat_activity where query like 'copy (select%' and wait_event = 'PgSleep' and datname = current_database()`
          ).count > 0,
      );
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      assert.is(code, 130);
      assert.is(await count(), 30_000);
      if (!isPooled) await until(async () => (await sourceBackends()).length === 0);
    },
  ));

if (!isPooled)
  test('rights and policies of the role that reads', async () => {
    const role = `reader_${process.pid}_${Date.now()}`;
    await withSource(
      `create role ${role}; create table a (id int, dono text); insert into a values (1, '${role}'), (2, 'other');
       grant usage on schema origem to ${role}; create table secret (id int)`,
      {},
      async (project) => {
        const as = (table: string, source = '') =>
          project.write(
            'medallion.config.ts',
            config({ t: `from: 's.${table}'` }, source).replace(
              'url: process.env.DATABASE_URL',
              `url: process.env.DATABASE_URL + '?role=${role}'`,
            ),
          );
        try {
          as('secret');
          const refused = await loaded(project);
          assert.is(refused.error?.code, 'MDL3002', JSON.stringify(refused));
          assert.match(refused.error.message, 'permission denied for table secret');
          assert.match(refused.error.hint, 'grant usage on its schema, and select on origem.secret');
          await project.sql.unsafe(
            `grant select on origem.a to ${role}; alter table origem.a enable row level security; create policy own on origem.a using (dono = current_user)`,
          );
          as('a');
          const hidden = await loaded(project);
          assert.match(hidden.error.hint, 'Policies would hide rows');
          as('a', 'rowSecurity: true');
          assert.is((await loaded(project)).read, 1);
        } finally {
          await project.sql.unsafe(`drop schema origem cascade; drop role ${role}`);
        }
      },
    );
  });

test('the recipe in docs/sources.md, as it stands', () =>
  withProject({}, async (project) => {
    const page = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
    const recipe = /^## Postgres\n[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(page)![1]!;
    project.write(
      'medallion.config.ts',
      recipe
        .replace('process.env.SHOP_URL', 'process.env.DATABASE_URL')
        .replace("name: 'loja',", "name: 'loja', database: process.env.DATABASE_URL,"),
    );
    await project.sql.unsafe(`
      create table customers (id int primary key, name text, email text, updated_at timestamptz, secret text);
      insert into customers values (1, 'Ana', 'a@b.c', now(), 'x');
      create table orders (id int, status text); insert into orders values (1, 'draft'), (2, 'paid')`);
    const { code, stdout } = await project.mdl('load');
    assert.is(code, 0, stdout);
    assert.equal(
      [...(await project.sql`select name, updated_at is not null as known from bronze.customers`)],
      [{ name: 'Ana', known: true }],
    );
    assert.equal([...(await project.sql`select id from bronze.orders`)], [{ id: '2' }]);
  }));

test('a server that is not there, and a setting that is wrong, without the password', () =>
  withProject({}, async (project) => {
    for (const [source, code, message] of [
      [`{ url: 'postgres://ana:s3cret@127.0.0.1:1/loja' }`, 'MDL3002', '127.0.0.1:1/loja cannot be read'],
      [`{ url: process.env.NOT_SET }`, 'MDL1003', 'url is empty'],
      [`{ url: 'mysql://ana:s3cret@host/x' }`, 'MDL1003', 'must be a connection string'],
    ]) {
      project.write(
        'medallion.config.ts',
        config({ t: `from: 's.a'` }).replace(/postgres\(\{.*\}\)/, `postgres(${source})`),
      );
      const { stdout, stderr } = await project.mdl('load');
      assert.match(stdout + stderr, code!);
      assert.match(stdout + stderr, message!);
      assert.not.match(stdout + stderr, 's3cret');
    }
    project.write('medallion.config.ts', config({ t: `from: 's.a'` }, 'tabels: {}'));
    const { code, stderr } = await project.mdl('load');
    assert.is(code, 2);
    assert.match(stderr, 'there is no setting "tabels"');
  }));

test.run();
