// core: runs on every server
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withShop } from '../support/shop.ts';

const test = suite('dependents');

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

test('policies and rules of tables that stay, and functions, read the new relation', () =>
  withShop({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    const { sql } = project;
    await sql.unsafe(`
      create schema theirs;
      create table theirs.notes (person integer, note text);
      insert into theirs.notes values (1, 'Ana'), (4, 'Eva');
      create policy theirs_policy on theirs.notes as restrictive for insert with check (exists (select from silver.people p where p.id = person));
      create policy theirs_reading on theirs.notes using (person in (select id from silver.people));
      alter table theirs.notes enable row level security, force row level security;
      create rule theirs_rule as on delete to theirs.notes do instead select age from silver.people where id = old.person;
      alter table theirs.notes disable rule theirs_rule;
      create function theirs.oldest() returns integer stable begin atomic select max(age) from silver.people; end;
      create view theirs.oldest_view as select theirs.oldest() as age;
    `);
    project.write('seeds/people.csv', 'id,name,age\n4,Eva,15\n5,Rui,50\n');
    const { code, stdout } = await project.mdl('build');
    assert.is(code, 0, stdout);
    await sql.unsafe('create role mdl_test_reader nologin').catch(() => {});
    await sql.unsafe(
      'grant usage on schema theirs, silver to mdl_test_reader; grant select on theirs.notes, silver.people to mdl_test_reader',
    );
    const seen = await sql.begin(async (tx) => {
      await tx.unsafe('set local role mdl_test_reader');
      return tx`select note from theirs.notes`;
    });
    assert.equal([...seen], [{ note: 'Eva' }]);
    assert.equal([...(await sql`select age from theirs.oldest_view`)], [{ age: 50 }]);
    const [rule] =
      await sql`select ev_enabled::text as enabled from pg_rewrite where rulename = 'theirs_rule'`;
    assert.is(rule!.enabled, 'D');
    await sql.unsafe('alter table theirs.notes enable rule theirs_rule');
    assert.equal([...(await sql.unsafe('delete from theirs.notes where person = 4'))], [{ age: 15 }]);
    project.write(
      'models/silver/people.sql',
      "select id::int as id, name, age::int + 1 as years from {{ref 'bronze.people'}}",
    );
    assert.match(
      (await project.mdl('build', '--select', 'silver.people')).stdout,
      /MDL4301 The (function|rule) .* reads silver\.people and cannot be kept: column/,
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

test.run();
