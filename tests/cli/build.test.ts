// core: runs on every server
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestProject, testProject } from '../support/project.ts';
import { sleepingBackends } from '../support/wait.ts';

const test = suite('build');

/** A small shop; each test gets one of its own. */
function shop(files: Record<string, string> = {}): Promise<TestProject> {
  return testProject({
    'seeds/people.csv': 'id,name,age\n1,Ana,30\n2,José,41\n3,"Li, Wei",28\n',
    'models/silver/people.sql': `/*---
description: People, typed
primary_key: id
columns:
  id: { type: integer, description: The key }
  name: { type: text, not_null: true }
  age: { type: integer, check: age >= 0, tests: [ { between: [0, 120] } ] }
  loaded_at: { type: timestamptz, default: now() }
indexes: [ name ]
---*/
select id, name, age from {{ref "bronze.people"}}`,
    'models/gold/ages.sql': `/*---
primary_key: bucket
columns:
  bucket: { type: integer }
  people: { type: bigint, not_null: true }
---*/
select age / 10 * 10 as bucket, count(*) as people from {{ref "silver.people"}} group by 1`,
    ...files,
  });
}

async function withShop(
  files: Record<string, string>,
  work: (project: TestProject) => Promise<void>,
): Promise<void> {
  const project = await shop(files);
  try {
    await work(project);
  } finally {
    await project.close();
  }
}

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

const broken: readonly [name: string, code: string, file: string, at: RegExp, model: string][] = [
  [
    'an unknown column',
    'MDL4001',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:4:3/,
    '/*---\n---*/\nselect\n  agee from {{ref "silver.people"}}',
  ],
  [
    'an error inside a macro',
    'MDL4001',
    'models/gold/ages.sql',
    /macros\/oops\.hbs:1:4/,
    'select {{> oops}} as x from {{ref "silver.people"}}',
  ],
  [
    'a select that lacks a column',
    'MDL4002',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:2:\d+/,
    '/*---\ncolumns: { x: int, y: int }\n---*/\nselect 1 as x',
  ],
  [
    'a column that the contract does not know',
    'MDL4002',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql/,
    '/*---\ncolumns: { x: int }\n---*/\nselect 1 as x, 2 as z',
  ],
  [
    'a column without a name',
    'MDL4002',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql/,
    'select 1, 2 + 3',
  ],
  [
    'a type that does not exist',
    'MDL4001',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:2:\d+/,
    '/*---\ncolumns: { x: integr }\n---*/\nselect 1 as x',
  ],
  [
    'a check that is no SQL',
    'MDL4003',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:2:\d+/,
    '/*---\nchecks: [ "x >" ]\n---*/\nselect 1 as x',
  ],
  [
    'a test whose SQL fails',
    'MDL4102',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:2:\d+/,
    '/*---\ntests: [ { expression: "nope > 1" }, { expression: "x > 0" } ]\n---*/\nselect 1 as x',
  ],
];
for (const [name, code, file, at, model] of broken) {
  test(`${name} is ${code} where it stands`, () =>
    withShop({ 'macros/oops.hbs': '1 +nothing_here', [file]: model }, async (project) => {
      const { code: exit, stdout } = await project.mdl('build');
      assert.is(exit, 1);
      assert.match(stdout, code);
      assert.match(stdout, at);
      assert.match(stdout, 'Nothing was published');
    }));
}

test('views, foreign keys, grants, comments, indexes and triggers of others survive a publish', () =>
  withShop({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    const { sql } = project;
    await sql
      .unsafe(`
      create role mdl_test_reader nologin;
    `)
      .catch(() => {});
    await sql.unsafe(`
      create schema theirs;
      create view theirs.adults with (security_barrier = true) as select id, name from silver.people where age >= 18;
      create view theirs.names as select name from theirs.adults;
      grant select on theirs.adults to mdl_test_reader;
      create table theirs.notes (person integer references silver.people, note text);
      insert into theirs.notes values (1, 'x');
      grant select, insert on silver.people to mdl_test_reader;
      grant select (people) on gold.ages to mdl_test_reader with grant option;
      comment on column gold.ages.people is 'theirs';
      create index theirs_idx on silver.people (age) where age > 5;
      create function theirs.noop() returns trigger language plpgsql as 'begin return null; end';
      create trigger theirs_trigger after insert on silver.people for each row execute function theirs.noop();
      alter table silver.people enable row level security;
      create policy theirs_policy on silver.people for select to mdl_test_reader using (age > 3);
      alter table gold.ages add constraint theirs_check check (people > 0);
      create publication theirs_publication for table gold.ages;
    `);
    project.write('seeds/people.csv', 'id,name,age\n1,Ana,30\n4,Eva,15\n5,Rui,50\n');
    const { code, stdout } = await project.mdl('build');
    assert.is(code, 0, stdout);
    assert.equal(
      (await sql`select name from theirs.names order by 1`).map((row) => row.name),
      ['Ana', 'Rui'],
    );
    const [rights] = await sql`
      select has_table_privilege('mdl_test_reader', 'theirs.adults', 'select') as "view",
             has_table_privilege('mdl_test_reader', 'silver.people', 'insert') as "insert",
             has_column_privilege('mdl_test_reader', 'gold.ages', 'people', 'select with grant option') as "column",
             (select reloptions::text from pg_class where oid = 'theirs.adults'::regclass) as options,
             col_description('gold.ages'::regclass, 2) as comment,
             (select count(*)::int from pg_indexes where indexname = 'theirs_idx' and schemaname = 'silver') as indexes,
             (select count(*)::int from pg_trigger where tgrelid = 'silver.people'::regclass and tgname = 'theirs_trigger') as triggers,
             (select count(*)::int from pg_policy where polrelid = 'silver.people'::regclass) as policies,
             (select relrowsecurity from pg_class where oid = 'silver.people'::regclass) as rls,
             (select count(*)::int from pg_constraint where conrelid = 'gold.ages'::regclass and conname = 'theirs_check') as checks,
             (select count(*)::int from pg_publication_tables where pubname = 'theirs_publication' and tablename = 'ages') as publications,
             (select confrelid::regclass::text from pg_constraint where conrelid = 'theirs.notes'::regclass and contype = 'f') as "key"`;
    assert.equal(
      { ...rights },
      {
        view: true,
        insert: true,
        column: true,
        options: '{security_barrier=true}',
        comment: 'theirs',
        indexes: 1,
        triggers: 1,
        policies: 1,
        rls: true,
        checks: 1,
        publications: 1,
        key: 'silver.people',
      },
    );
    await sql`insert into theirs.notes values (99, 'nobody')`.then(
      () => assert.unreachable(),
      (error) => assert.is(error.code, '23503'),
    );
  }));

test('a dependent that cannot be kept fails the publish whole and is named', () =>
  withShop({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    const { sql } = project;
    await sql.unsafe(
      'create schema theirs; create view theirs.adults as select name from silver.people; create table theirs.notes (person integer references silver.people); insert into theirs.notes values (2)',
    );
    project.write('seeds/people.csv', 'id,name,age\n1,Eva,30\n');
    const key = await project.mdl('build');
    assert.is(key.code, 1);
    assert.match(
      key.stdout,
      /MDL4301 The foreign key notes_person_fkey of theirs\.notes onto silver\.people cannot be kept/,
    );
    assert.equal(
      (await sql`select name from silver.people order by id`).map((row) => row.name),
      ['Ana', 'José', 'Li, Wei'],
    );
    await sql.unsafe('drop table theirs.notes');
    project.write('models/silver/people.sql', 'select id, age::int as age from {{ref "bronze.people"}}');
    const view = await project.mdl('build');
    assert.is(view.code, 1);
    assert.match(view.stdout, /MDL4301 The view theirs\.adults reads silver\.people and cannot be kept/);
    await sql.unsafe(
      'drop view theirs.adults; create materialized view theirs.m as select id from silver.people',
    );
    assert.match((await project.mdl('build')).stdout, /MDL4301 The materialized view theirs\.m/);
    await sql.unsafe(
      'drop materialized view theirs.m; create function theirs.f() returns setof silver.people language sql as $$ select * from silver.people $$',
    );
    assert.match((await project.mdl('build')).stdout, /MDL4301 function theirs\.f\(\) depends on/);
  }));

test('a relation that is not ours is never replaced', () =>
  withShop({}, async (project) => {
    await project.sql.unsafe(
      `create schema gold; create table gold.ages (mine text); insert into gold.ages values ('precious')`,
    );
    const { code, stdout } = await project.mdl('build');
    assert.is(code, 1);
    assert.match(stdout, /MDL4302 "gold"."ages" exists already/);
    assert.is((await project.sql`select mine from gold.ages`)[0]!.mine, 'precious');
  }));

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
    const { code, stdout } = await project.mdl('run', 'gold.ages');
    assert.is(code, 0, stdout);
    assert.match(stdout, 'Published 1 model');
    assert.is((await project.sql`select 'silver.people'::regclass::oid as oid`)[0]!.oid, before);
    assert.is((await project.mdl('run', 'silver.people')).code, 0);
    assert.not((await project.sql`select 'silver.people'::regclass::oid as oid`)[0]!.oid === before);
  }));

test('our own view that is not rebuilt follows a replaced table', () =>
  withShop(
    { 'models/gold/v.sql': '/*---\nmaterialized: view\n---*/\nselect name from {{ref "silver.people"}}' },
    async (project) => {
      assert.is((await project.mdl('build')).code, 0);
      project.write('seeds/people.csv', 'id,name,age\n7,Zé,30\n');
      assert.is((await project.mdl('build', '--select', 'bronze.people', 'silver.people')).code, 0);
      assert.equal(
        (await project.sql`select name from gold.v`).map((row) => row.name),
        ['Zé'],
      );
    },
  ));

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

test('two builds at once: the second waits, or fails at once with --no-wait', () =>
  withShop({ 'models/gold/slow.sql': 'select 1 as x from pg_sleep(6)' }, async (project) => {
    const first = project.mdl('build');
    await sleepingBackends(project.sql);
    const [refused, waited] = await Promise.all([project.mdl('build', '--no-wait'), project.mdl('build')]);
    assert.is(refused.code, 1);
    assert.match(refused.stdout, /MDL5001 Another run is going on: run 1 \(mdl build/);
    assert.is(waited.code, 0, waited.stdout);
    assert.match(waited.stdout, 'Waiting for another run to end');
    assert.is((await first).code, 0);
  }));

test('Ctrl-C cancels the statements, publishes nothing and exits with 130', () =>
  withShop({ 'models/gold/slow.sql': 'select 1 as x from pg_sleep(60)' }, async (project) => {
    const child = project.spawn('build');
    let output = '';
    child.stdout!.on('data', (chunk) => (output += chunk));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await sleepingBackends(project.sql);
    const started = Date.now();
    child.kill('SIGINT');
    assert.is(await ended, 130, output);
    assert.ok(Date.now() - started < 10_000, 'it ended without waiting for the statement');
    assert.match(output, 'Interrupted, nothing published: nothing has been published before.');
    assert.is((await project.sql`select to_regclass('silver.people') as t`)[0]!.t, null);
    assert.is((await project.sql`select status from medallion.runs`)[0]!.status, 'interrupted');
    assert.is((await project.sql`select from pg_namespace where nspname like 'mdl_stage%'`).count, 0);
  }));

test.run();
