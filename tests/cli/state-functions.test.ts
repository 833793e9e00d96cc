// core: runs on both servers
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, run } from '../support/environments.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('functions and settings of the database');

const files = {
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) } });`,
  'seeds/a.csv': 'id,v\n1,10\n2,20\n',
};
const view = (query: string) => `/*---\nmaterialized: view\n---*/\n${query}`;
const define = ({ sql }: TestProject, name: string, result: string) =>
  sql.unsafe(
    `create or replace function public.${name}(n int) returns int immutable language sql as 'select ${result}'`,
  );
const values = async ({ sql }: TestProject, relation: string) =>
  (await sql.unsafe(`select v::text as v from ${relation} order by 1`)).map(({ v }) => v).join();

test('a table is built again when a function behind a view that it reads has changed', () =>
  withProject(
    {
      ...files,
      'models/silver/v.sql': view('select public.f(v::int) as v from {{ref "bronze.a"}}'),
      'models/silver/w.sql': view('select v from {{ref "silver.v"}}'),
      'models/gold/t.sql': 'select v from {{ref "silver.w"}}',
    },
    async (project) => {
      await define(project, 'f', 'n');
      await built(project);
      assert.equal((await built(project)).reasons, {});
      await define(project, 'f', 'n + 1');
      assert.is((await built(project)).reasons['gold.t'], 'silver.w changed');
      assert.is(await values(project, 'gold.t'), '11,21');
      assert.equal((await built(project)).reasons, {});
    },
  ));

test('what is made with the settings of the server is made again when they change', () =>
  withProject(
    {
      ...files,
      'models/gold/t.sql': `select to_char('2024-01-01 00:00+00'::timestamptz, 'HH24') as v from {{ref "bronze.a"}}`,
      'tests/hour.sql': `select 1 from {{ref "bronze.a"}} where to_char('2024-01-01 00:00+00'::timestamptz, 'HH24') = '09'`,
    },
    async (project) => {
      const { sql } = project;
      const database = (await sql`select quote_ident(current_database()) as name`)[0]!.name;
      await sql.unsafe(`alter database ${database} set timezone = 'Europe/Berlin'`);
      await built(project);
      assert.equal((await built(project)).reasons, {});
      await sql.unsafe(`alter database ${database} set timezone = 'America/Recife'`);
      assert.equal((await built(project)).reasons, { 'gold.t': `the server's TimeZone changed` });
      assert.is(await values(project, 'gold.t'), '21,21');
      await sql.unsafe(`alter database ${database} set search_path = public, pg_catalog`);
      assert.equal((await built(project)).reasons, { 'gold.t': `the server's search_path changed` });
      assert.equal((await built(project)).reasons, {});
      await sql.unsafe(`alter database ${database} set timezone = 'Asia/Tokyo'`);
      assert.is((await run(project)).status, 'failed');
    },
  ));

test('a function counts behind an operator or a cast too', () =>
  withProject(
    {
      ...files,
      'models/gold/o.sql': 'select v::int @+ 1 as v from {{ref "bronze.a"}}',
      'models/gold/c.sql': 'select (v::public.euro)::int as v from {{ref "bronze.a"}}',
      'models/gold/plain.sql': 'select v::numeric + 1 as v from {{ref "bronze.a"}}',
    },
    async (project) => {
      const make = (added: number) =>
        project.sql.unsafe(`
          create or replace function public.plus(a int, b int) returns int immutable language sql as 'select a + b + ${added}';
          create or replace function public.cents(e public.euro) returns int immutable language plpgsql as $$ begin return e.n + ${added}; end $$;
          create or replace function public.euros(t text) returns public.euro immutable language sql as 'select row(t::int)::public.euro'`);
      await project.sql.unsafe('create type public.euro as (n int)');
      await make(0);
      await project.sql.unsafe(`
        create operator public.@+ (leftarg = int, rightarg = int, function = public.plus);
        create cast (text as public.euro) with function public.euros(text);
        create cast (public.euro as int) with function public.cents(public.euro)`);
      await built(project);
      assert.equal((await built(project)).reasons, {});
      await make(5);
      const why = 'a function that it calls changed';
      assert.equal((await built(project)).reasons, { 'gold.c': why, 'gold.o': why });
      assert.is(await values(project, 'gold.o'), '16,26');
      assert.is(await values(project, 'gold.c'), '15,25');
      assert.equal((await built(project)).reasons, {});
    },
  ));

test('what is volatile counts behind operators and casts too, whoever makes them, where their types are met', () =>
  withProject(
    {
      ...files,
      'models/gold/operator.sql': 'select v::int @+ 1 as v from {{ref "bronze.a"}}',
      'models/gold/between.sql': 'select 1 as v from {{ref "bronze.a"}} where id between id and v',
      'models/gold/written.sql': 'select (v::public.euro)::text as v from {{ref "bronze.a"}}',
      'models/gold/contract.sql':
        '/*---\ncolumns: { v: { type: public.euro } }\n---*/\nselect v from {{ref "bronze.a"}}',
      'models/gold/itself.sql': 'select abs(v) as v from {{ref "silver.euros"}}',
      'models/gold/argument.sql': 'select public.cents_of(id::int) as v from {{ref "bronze.a"}}',
      'models/gold/plain.sql':
        'select v::numeric + 1 as v from {{ref "bronze.a"}} where v between id and v order by 1',
      'models/silver/euros.sql': `select row(1)::public.euro as v`,
    },
    async (project) => {
      const { sql } = project;
      await sql.unsafe(`
        create type public.euro as (n int);
        create function public.plus(a int, b int) returns int immutable language sql as 'select a + b';
        create function public.cents(e public.euro) returns int immutable language plpgsql as $$ begin return e.n; end $$;
        create function public.euros(t text) returns public.euro immutable language sql as 'select row(t::int)::public.euro';
        create function public.from_int(n int) returns public.euro immutable language sql as 'select row(n)::public.euro';
        create function public.cents_of(e public.euro) returns int immutable language sql as 'select (e).n';
        create operator public.@+ (leftarg = int, rightarg = int, function = public.plus);
        create cast (text as public.euro) with function public.euros(text);
        create cast (int as public.euro) with function public.from_int(int) as implicit;
        create cast (public.euro as int) with function public.cents(public.euro) as implicit`);
      await built(project);
      assert.equal((await built(project)).reasons, {});
      const made = async (name: string, steadiness: string) => {
        await sql.unsafe(`alter function public.${name} ${steadiness}`);
        await built(project);
        return (await built(project)).reasons;
      };
      const because = (reason: string, ...models: string[]) =>
        Object.fromEntries(models.map((model) => [model, `volatile: ${reason}`]));
      const steady = async (name: string) => assert.equal(await made(name, 'immutable'), {}, name);
      assert.equal(
        await made('plus', 'volatile'),
        because('public.plus() is volatile, behind the operator @+', 'gold.operator'),
      );
      await steady('plus');
      assert.equal(
        await made('euros', 'stable'),
        because(
          'public.euros() is stable: it may read other tables, behind the cast from text to euro',
          ...['gold.contract', 'gold.written', 'silver.euros'],
        ),
      );
      await steady('euros');
      const itself = await made('cents', 'volatile');
      assert.equal(Object.keys(itself).sort(), [
        'gold.argument',
        'gold.contract',
        'gold.itself',
        'gold.written',
        'silver.euros',
      ]);
      assert.is(
        itself['gold.itself'],
        'volatile: public.cents() is volatile, behind the cast from euro to integer',
      );
      await steady('cents');
      assert.ok('gold.argument' in (await made('from_int', 'volatile')));
      await steady('from_int');
      await sql.unsafe(`
        create function public.least_of(a public.euro, b public.euro) returns boolean immutable language plpgsql as 'begin return a.n >= b.n; end';
        create operator public.<= (leftarg = public.euro, rightarg = public.euro, function = public.least_of);
        create operator public.>= (leftarg = public.euro, rightarg = public.euro, function = public.least_of);`);
      await built(project);
      const between = await made('least_of', 'volatile');
      assert.is(between['gold.between'], 'volatile: public.least_of() is volatile, behind the operator <=');
    },
  ));

test('a word like today counts unless the column or function beside it has only text', () =>
  withProject(
    {
      ...files,
      'models/silver/dated.sql': 'select id, v as status, date \'2024-01-01\' as day from {{ref "bronze.a"}}',
      'models/gold/plain.sql':
        "select id from {{ref \"silver.dated\"}} where status = 'now' and public.label(status, 'now') <> split_part(status, 'now', 1)",
      'models/gold/labelled.sql':
        '/*---\ncolumns: { day: { type: date }, label: { type: text } }\n---*/\nselect day, \'today\' as label from {{ref "silver.dated"}}',
      'models/gold/compared.sql': 'select id from {{ref "silver.dated"}} where day < \'today\'',
      'models/gold/argument.sql': 'select public.since(\'now\') as v from {{ref "silver.dated"}}',
      'models/gold/contract.sql':
        '/*---\ncolumns: { day: { type: date } }\n---*/\nselect \'today\' as day from {{ref "silver.dated"}}',
      'models/gold/union.sql': 'select day from {{ref "silver.dated"}} union all select \'Yesterday\'',
    },
    async (project) => {
      await project.sql.unsafe(`
        create function public.label(a text, b text) returns text immutable language sql as 'select a || b';
        create function public.since(at timestamp) returns int immutable language sql as 'select 1'`);
      await built(project);
      assert.equal((await built(project)).reasons, {
        'gold.argument': "volatile: 'now'",
        'gold.compared': "volatile: 'today'",
        'gold.contract': "volatile: 'today'",
        'gold.union': "volatile: 'Yesterday'",
      });
    },
  ));

test('what checks of domains call counts for all that casts to them', () =>
  withProject(
    {
      ...files,
      'models/gold/written.sql': 'select v::public.later as v from {{ref "bronze.a"}}',
      'models/gold/contract.sql':
        '/*---\ncolumns: { v: { type: public.latest } }\n---*/\nselect v from {{ref "bronze.a"}}',
      'models/gold/argument.sql': 'select public.same(v::int) as v from {{ref "bronze.a"}}',
      'models/gold/read.sql': 'select v from {{ref "gold.written"}}',
    },
    async (project) => {
      const { sql } = project;
      await sql.unsafe(`
        create function public.ok(n int) returns boolean immutable language sql as 'select n > 0';
        create domain public.later as int check (public.ok(value)) default random();
        create domain public.latest as public.later;
        create function public.same(n public.later) returns int immutable language sql as 'select n'`);
      await built(project);
      assert.equal((await built(project)).reasons, {});
      await sql.unsafe('alter function public.ok stable');
      await built(project);
      const reason =
        'volatile: public.ok() is stable: it may read other tables, in a check of the domain later';
      const all = { 'gold.argument': reason, 'gold.contract': reason, 'gold.written': reason };
      assert.equal((await built(project)).reasons, all);
      await sql.unsafe('alter function public.ok immutable');
      await built(project);
      assert.equal((await built(project)).reasons, {});
      await sql.unsafe(
        `alter domain public.later add constraint soon check (value > extract(epoch from now()) - 1e12)`,
      );
      await built(project);
      assert.is(
        (await built(project)).reasons['gold.contract'],
        'volatile: now(), in a check of the domain later',
      );
    },
  ));

test('tests run again when a function that they call has changed', () =>
  withProject(
    {
      ...files,
      'models/silver/a.sql':
        '/*---\ntests: [ { expression: public.ok(v) > 0 } ]\n---*/\nselect v::int as v from {{ref "bronze.a"}}',
      'tests/one.sql': 'select 1 from {{ref "silver.a"}} where public.good(v) < 0',
    },
    async (project) => {
      await define(project, 'ok', '1');
      await define(project, 'good', '1');
      await built(project);
      assert.equal((await built(project)).tests, []);
      await define(project, 'good', '-1');
      assert.is((await run(project)).status, 'failed');
      await define(project, 'good', '2');
      await define(project, 'ok', '2');
      assert.equal((await built(project)).reasons, { 'silver.a': 'a function that its tests call changed' });
      await define(project, 'ok', '-1');
      assert.is((await run(project)).status, 'failed');
    },
  ));

test('tests run again when what they are made from, or a relation that only they read, has changed', () =>
  withProject(
    {
      ...files,
      'macros/limit.hbs': '{{var "lim" 100}}',
      'macros/test_below.hbs': 'select * from {{model}} where {{column}} > {{> limit}}',
      'macros/test_above.ts': `import { defineMacro } from 'medallion';
import { least } from '../least.js';
export const test_above = defineMacro({ description: 'above', render: ({ model, column }) => \`select * from \${model} where \${column} < \${least}\` });`,
      'least.ts': 'export const least = 1;',
      'models/silver/cli.sql': 'select id::int as id, v::int as v from {{ref "bronze.a"}}',
      'models/silver/mid.sql': 'select 2 as id from {{ref "silver.cli"}} limit 1',
      'models/gold/ord.sql':
        '/*---\ncolumns: { id: { tests: [ { relationships: silver.cli.id }, below, above ] } }\n---*/\nselect id from {{ref "silver.mid"}}',
    },
    async (project) => {
      await built(project);
      assert.equal((await built(project)).reasons, {});
      project.write('macros/limit.hbs', '{{var "lim" 99}}');
      assert.equal((await built(project)).reasons, { 'gold.ord': 'tests changed' });
      project.write('macros/limit.hbs', '99');
      assert.equal((await built(project)).reasons, {});
      project.write('least.ts', 'export const least = 0;');
      assert.equal((await built(project)).reasons, { 'gold.ord': 'tests changed' });
      project.write('seeds/a.csv', 'id,v\n1,10\n');
      const failed = await run(project);
      assert.is(failed.status, 'failed');
      assert.is(failed.reasons['gold.ord'], 'silver.cli changed, which its tests read');
    },
  ));

test.run();
