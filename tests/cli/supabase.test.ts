// in one process
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadsExactly, withSupabase } from '../support/supabase.ts';

const test = suite('supabase');

const orders = (count: number) => `
  create table pedidos (id_pedido bigint primary key, cliente text, valor numeric, dados jsonb, criado timestamptz);
  insert into pedidos
  select i * 7, case when i % 5 > 0 then 'cliente ' || i end, i / 8.0, jsonb_build_object('i', i), '2024-01-01'::timestamptz + i * interval '1.000001 s'
    from generate_series(1, ${count}) i;
  analyze pedidos`;
const columns = ['id_pedido', 'cliente', 'valor', 'dados', 'criado'];

test('a table reaches bronze whole through a server that caps pages without saying', () =>
  withSupabase(
    { sql: orders(4567), maxRows: 1000, bronze: `from: 'api.pedidos', batchRows: 700` },
    async (supabase) => {
      const finished = await loadsExactly(supabase, 'pedidos', columns);
      assert.equal([finished.read, finished.inserted, finished.rejected], [4567, 4567, 0]);
      const pages = supabase.server.requests.filter(({ parameters }) => parameters.has('order'));
      assert.ok(pages.every(({ parameters }) => parameters.get('order') === 'id_pedido.asc'));
      assert.is(pages[0]!.parameters.get('limit'), '5000');
      assert.match(pages[1]!.parameters.get('id_pedido')!, /^gte\.7000$/);
    },
  ));

test('values reach bronze as Postgres prints them', () =>
  withSupabase(
    {
      sql: `
        create type mood as enum ('sad', 'happy');
        create type pair as (a int, b text);
        create table kinds (
          id bigint primary key, "Größe é" text, "with ""quotes"" and blanks" text, "select" int, "order" text, "limit" text, "a.b,c(d)" text, "UPPER" text, "  " text,
          n numeric, f float8, r real, j json, jb jsonb, b bytea, ts timestamp, tz timestamptz, d date, t time, iv interval, arr text[], nums bigint[], e mood, p pair,
          bo boolean, u uuid, ip inet, c char(5), rng int4range, m money
        );
        insert into kinds values
          (9007199254740993, 'ação', 'a"b', 1, 'x', 'y', 'z', 'Q', 'blank', 123456789012345678901234567890.123456789, 0.1::float8 + 0.2, 0.1, '{"a": 1.0, "a": 2}', '{"big": 12345678901234567890123}',
            '\\x00ff10', '2024-02-29 23:59:59.123456', '2024-02-29 23:59:59.123456-03', '0044-03-15 BC', '24:00', '1 year 2 mons 3.000004 s', '{a,"b,c",NULL,"null",""}', '{9223372036854775807,NULL}',
            'happy', '(1,"x ""y"" z")', true, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.0/8', 'ab', '[1,5)', 12.34),
          (-5, '', null, null, '', null, E'tab\\t newline\\n backslash \\\\ \\\\N', E'\\u00e9\\u0301 😀', '  spaces  ', 'NaN', 'Infinity', '-0', 'null', 'null', '', 'infinity', '-infinity',
            'infinity', '00:00', '0', '{}', '{}', 'sad', '(,)', false, null, '::1', '', 'empty', -1),
          (0, null, '', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)`,
      bronze: `from: 'api.kinds'`,
    },
    async (supabase) => {
      const names = await supabase.project
        .sql`select attname as name from pg_attribute where attrelid = 'kinds'::regclass and attnum > 0 order by attnum`;
      // Bronze cannot call a column by blanks only.
      const all = names.map(({ name }) => name as string).filter((name) => name.trim() !== '');
      const { notices } = await loadsExactly(supabase, 'kinds', all);
      assert.match(notices[0], 'it becomes "column_9"');
      const [big] = await supabase.project
        .sql`select id, n, jb, tz, column_9 from bronze.t where id = '9007199254740993'`;
      assert.equal(
        { ...big },
        {
          id: '9007199254740993',
          n: '123456789012345678901234567890.123456789',
          jb: '{"big": 12345678901234567890123}',
          tz: '2024-03-01 02:59:59.123456+00',
          column_9: 'blank',
        },
      );
    },
  ));

test('pages by composite keys, text keys and keys with strange names and values', () =>
  withSupabase(
    {
      sql: `
        create table t3 (a int, "B b" text, c date, v text, primary key (a, "B b", c));
        insert into t3 select i % 3, case i % 4 when 0 then '' when 1 then 'x,y"(z)\\' when 2 then 'é ' else ' ' end || i / 300, '2024-01-01'::date + i % 50, i from generate_series(1, 2000) i
          on conflict do nothing;
        create table words ("order" text primary key, v int);
        insert into words select md5(i::text) || case i % 3 when 0 then ',"a"' when 1 then '.eq.1)' else ' & = % + null' end, i from generate_series(1, 1500) i;
        insert into words values ('', 0), ('null', 1), ('"', 2), ('é', 3)`,
      maxRows: 100,
      bronze: `from: 'api.t3'`,
    },
    async (supabase) => {
      await loadsExactly(supabase, 't3', ['a', 'B b', 'c', 'v']);
      const second = supabase.server.requests.filter(({ parameters }) => parameters.has('or'))[0]!;
      assert.match(second.parameters.get('or')!, /^\(a\.gt\."\d+",and\(a\.eq/);
      assert.match(second.parameters.get('a')!, /^gte\.\d+$/);
      supabase.configure(`from: 'api.words'`);
      await loadsExactly(supabase, 'words', ['order', 'v']);
    },
  ));

test('the recipe in docs/sources.md, as it stands', () =>
  withSupabase(
    {
      sql: `
        create table clientes (id_cliente text primary key, nome text); insert into clientes values ('C1', 'Ana');
        create table produtos (id_produto text primary key); create table pedidos (id_pedido int primary key, atualizado_em timestamptz);
        insert into pedidos select i, now() from generate_series(1, 3) i`,
      bronze: `from: 'api.pedidos'`,
    },
    async ({ project, server }) => {
      const page = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
      const recipe = /^## Supabase\n[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(page)![1]!;
      project.write(
        'medallion.config.ts',
        recipe
          .replace('process.env.SUPABASE_URL', `'${server.url}'`)
          .replace('process.env.SUPABASE_SECRET_KEY', `'${server.keys.secret}'`)
          .replace("name: 'loja',", "name: 'loja', database: process.env.DATABASE_URL,"),
      );
      const { code, stdout } = await project.mdl('load');
      assert.is(code, 0, stdout);
      assert.equal(
        [...(await project.sql`select id_pedido, row_deleted_at from bronze.pedidos where id_pedido = '2'`)],
        [{ id_pedido: '2', row_deleted_at: null }],
      );
    },
  ));

test.run();
