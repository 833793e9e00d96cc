// core, pooled: runs on every server
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withShop } from '../support/shop.ts';

const test = suite('build');

test('bronze, silver and gold are there, typed, keyed and described', () =>
  withShop({}, async (project) => {
    const { code, stdout, stderr } = await project.mdl('build');
    assert.is(code, 0, stdout + stderr);
    assert.match(stdout, /Published 2 models/);
    const { sql } = project;
    assert.equal(
      [...(await sql`select id, name, age from silver.people order by id`)].map((row) => ({ ...row })),
      [
        { id: 1, name: 'Ana', age: 30 },
        { id: 2, name: 'José', age: 41 },
        { id: 3, name: 'Li, Wei', age: 28 },
      ],
    );
    const constraints =
      await sql`select pg_get_constraintdef(oid) as definition from pg_constraint where conrelid = 'silver.people'::regclass and contype in ('p', 'c') order by 1`;
    assert.equal(
      constraints.map((row) => row.definition),
      ['CHECK ((age >= 0))', 'PRIMARY KEY (id)'],
    );
    const [described] =
      await sql`select obj_description('silver.people'::regclass) as whole, col_description('silver.people'::regclass, 1) as id, count(*) filter (where loaded_at is not null) as loaded from silver.people`;
    assert.equal([described!.whole, described!.id, described!.loaded], ['People, typed', 'The key', '3']);
    assert.is(
      (await sql`select from pg_indexes where schemaname = 'silver' and indexname = 'people_name_idx'`).count,
      1,
    );
    const bronze =
      await sql`select column_name, data_type from information_schema.columns where table_schema = 'bronze' and table_name = 'people' order by ordinal_position`;
    assert.equal(
      bronze.map((row) => `${row.column_name} ${row.data_type}`),
      [
        'id text',
        'name text',
        'age text',
        'load_timestamp timestamp with time zone',
        'process_id text',
        'row_version integer',
      ],
    );
    assert.is(
      (await sql`select from pg_namespace where nspname like 'mdl_stage%' or nspname like 'mdl_trash%'`)
        .count,
      0,
    );
  }));

test('a failing test publishes nothing, and says which rows', () =>
  withShop({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    project.write('seeds/people.csv', 'id,name,age\n1,Ana,300\n2,José,41\n');
    const { code, stdout } = await project.mdl('build');
    assert.is(code, 1);
    assert.match(
      stdout,
      /FAIL between 0 and 120 \(age\): 1 failure\s+models\/silver\/people.sql:7:\d+\s+MDL4101/,
    );
    assert.match(stdout, 'age = 300');
    assert.match(stdout, /readers still see run 1 \(today \d\d:\d\d\)/);
    assert.match(stdout, 'skip    gold.ages       because of silver.people');
    assert.is((await project.sql`select max(age) as age from silver.people`)[0]!.age, 41);
  }));

test('a broken key is told as a failing test with its rows, and --store-failures keeps them', () =>
  withShop({ 'seeds/people.csv': 'id,name,age\n1,Ana,30\n1,Ana,31\n2,,4\n' }, async (project) => {
    const { code, stdout } = await project.mdl('build', '--store-failures');
    assert.is(code, 1, stdout);
    assert.match(stdout, 'primary key (id): 1 failure');
    assert.match(stdout, 'id = 1 (2 rows)');
    assert.match(stdout, 'not null (name): 1 failure');
    const stored = await project.sql`select test, failed_row from medallion.test_failures order by test`;
    assert.equal(
      stored.map((row) => row.test),
      ['silver.people: not null (name)', 'silver.people: primary key (id)'],
    );
  }));

test('--publish passing publishes what passed and reads nothing that failed', () =>
  withShop(
    {
      'models/gold/bad.sql': '/*---\ntests: [ { row_count: { min: 100 } } ]\n---*/\nselect 1 as x',
      'models/gold/worse.sql': 'select * from {{ref "gold.bad"}}',
    },
    async (project) => {
      const { code, stdout } = await project.mdl('build', '--publish', 'passing');
      assert.is(code, 1);
      assert.match(stdout, 'Published 2 models');
      assert.is(
        (
          await project.sql`select to_regclass('gold.ages') as a, to_regclass('gold.bad') as b, to_regclass('gold.worse') as c`
        )[0]!.b,
        null,
      );
      assert.is(
        (await project.sql`select to_regclass('gold.worse') as c, to_regclass('gold.ages')::text as a`)[0]!.a,
        'gold.ages',
      );
    },
  ));

test('a test over several models guards them: its failure publishes none of them', () =>
  withShop(
    {
      'tests/nobody_is_30.sql':
        'select a.* from {{ref "gold.ages"}} a join {{ref "silver.people"}} p on p.age = a.bucket',
    },
    async (project) => {
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 1);
      assert.match(stdout, /FAIL\s+test.nobody_is_30/);
      assert.is((await project.sql`select to_regclass('gold.ages') as a`)[0]!.a, null);
    },
  ));

test('names with spaces, quotes, accents and upper case, values with SQL in them', () =>
  withShop(
    {
      'seeds/odd.csv': `"id ""key""",Preço €,"select; drop"\n1,"a'b","); drop table silver.people; --"\n2,\\.,"$$"\n`,
      'models/silver/Olá "x\' y.sql': `/*---
description: "It's {odd} \\\\ 'quoted'"
primary_key: 'id "key"'
columns:
  'id "key"': { type: integer, description: "a 'b' \\\\" }
  Preço €: { type: text, tests: [ { accepted_values: ["a'b", '\\.'] }, not_null ] }
  'select; drop': { type: text, tests: [ { unique: true } ] }
---*/
select * from (select "id ""key""", "Preço €", "select; drop" from {{ref "bronze.odd"}}) as x`,
    },
    async (project) => {
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 0, stdout);
      const rows = await project.sql`select * from silver."Olá ""x' y" order by 1`;
      assert.equal(
        rows.map((row) => Object.values(row)),
        [
          [1, "a'b", '); drop table silver.people; --'],
          [2, '\\.', '$$'],
        ],
      );
      assert.is((await project.mdl('build')).code, 0);
    },
  ));

test('selection builds only what it names, against what is published', () =>
  withShop({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    const before = (await project.sql`select 'silver.people'::regclass::oid as oid`)[0]!.oid;
    const { code, stdout } = await project.mdl('run', 'gold.ages', '--force');
    assert.is(code, 0, stdout);
    assert.match(stdout, 'gold.ages');
    assert.not.match(stdout, 'silver.people');
    assert.is((await project.sql`select 'silver.people'::regclass::oid as oid`)[0]!.oid, before);
    project.write('models/silver/people.sql', `${project.read('models/silver/people.sql')}\nlimit 2`);
    assert.match((await project.mdl('run', 'silver.people')).stdout, 'Published 1 model');
    assert.is((await project.sql`select from silver.people`).count, 2);
  }));

test('foreign keys between models, and grants with their roles', () =>
  withShop(
    {
      'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, grants: { gold: { select: ['mdl_test_anon'] } } });`,
      'models/silver/pets.sql':
        "/*---\nforeign_keys: [ { columns: owner, references: silver.people } ]\ncolumns: { pet: text, owner: int }\n---*/\nselect * from (values ('Rex', 1), ('Tom', 9)) as x (pet, owner)",
    },
    async (project) => {
      const missing = await project.mdl('build');
      if (missing.code === 1 && /MDL2007/.test(missing.stdout + missing.stderr))
        await project.sql.unsafe('create role mdl_test_anon nologin').catch(() => {});
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 1);
      assert.match(stdout, /foreign key \(owner\) to silver\.people: 1 failure/);
      assert.match(stdout, 'pet = Tom, owner = 9');
      project.write('models/silver/pets.sql', project.read('models/silver/pets.sql').replace('9', '2'));
      assert.is((await project.mdl('build')).code, 0);
      const [row] =
        await project.sql`select has_table_privilege('mdl_test_anon', 'gold.ages', 'select') and has_schema_privilege('mdl_test_anon', 'gold', 'usage') as gold, has_table_privilege('mdl_test_anon', 'silver.people', 'select') as silver`;
      assert.equal({ ...row }, { gold: true, silver: false });
    },
  ));

test('a closing table adds up the layers, where a layer has more than one node', () =>
  withShop({ 'models/gold/names.sql': 'select name from {{ref "silver.people"}}' }, async (project) => {
    const time = String.raw`[\d.]+ (?:ms|s)`;
    const { stdout } = await project.mdl('build');
    assert.match(
      stdout,
      new RegExp(
        `\n\n  layer   nodes  rows  tests passed +time  slowest\n  ─.*\n  bronze      1     3 +${time}\n  silver      1     3             1 +${time}\n  gold        2     6 +${time}  gold\\.(?:ages|names), ${time}\n\nPublished 3 models`,
      ),
    );
    assert.not.match((await project.mdl('run', 'gold.ages')).stdout, 'slowest');
    assert.not.match((await project.mdl('run', '--json')).stdout, 'slowest');
  }));

test('json: one event on each line, run.finished last, with counts', () =>
  withShop({}, async (project) => {
    const events = await project.events('build');
    assert.is(events[0]!.event, 'run.started');
    const last = events.at(-1)!;
    assert.is(last.event, 'run.finished');
    assert.is(last.status, 'succeeded');
    assert.equal(
      [last.counts.models, last.counts.loads, last.counts.rowsRead, last.counts.published],
      [2, 1, 3, 2],
    );
    assert.equal(
      events.filter(({ event }) => event === 'model.finished').map(({ node, rows }) => `${node} ${rows}`),
      ['silver.people 3', 'gold.ages 3'],
    );
    const [run] = await project.sql`select status, counts from medallion.runs`;
    assert.is(run!.status, 'succeeded');
    assert.equal(run!.counts, last.counts);
    const nodes = await project.sql`select node, kind, status from medallion.run_nodes order by node`;
    assert.equal(
      nodes.map((row) => `${row.node} ${row.kind} ${row.status}`),
      ['bronze.people load succeeded', 'gold.ages model succeeded', 'silver.people model succeeded'],
    );
  }));

test.run();
