// core: runs on every server
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Finished, TestProject } from '../support/project.ts';
import { withShop } from '../support/shop.ts';

const test = suite('carried');

/** Builds with other rows, so that everything is made and published anew. */
async function buildAgain(project: TestProject, ...flags: string[]): Promise<Finished> {
  project.write('seeds/people.csv', `id,name,age\n1,Ana,30\n${Math.floor(Math.random() * 1e6) + 2},Rui,50\n`);
  return project.mdl('build', ...flags);
}

async function built(result: Promise<Finished>): Promise<void> {
  const { code, stdout } = await result;
  assert.is(code, 0, stdout);
}

test('settings of others on a table and its columns survive every publish', () =>
  withShop({}, async (project) => {
    await built(project.mdl('build'));
    const { sql } = project;
    await sql.unsafe(`
      create index theirs_idx on silver.people (name, age);
      comment on index silver.theirs_idx is 'theirs';
      alter table silver.people cluster on theirs_idx;
      alter table silver.people alter column age set default 7;
      alter table silver.people alter column age set not null;
      alter table silver.people alter column name set statistics 500;
      alter table silver.people alter column name set storage external;
      alter table silver.people alter column name set compression pglz;
      alter table silver.people alter column name set (n_distinct = -0.5);
      alter table silver.people set (fillfactor = 80, toast.autovacuum_enabled = false);
      create unique index theirs_unique on silver.people (id, name);
      alter table silver.people replica identity using index theirs_unique;
      create schema theirs;
      create statistics theirs.stats (dependencies) on name, age from silver.people;
      alter statistics theirs.stats set statistics 77;
      comment on statistics theirs.stats is 'theirs';
      create sequence silver.theirs_seq owned by silver.people.id;
      create table theirs.numbers (id bigint default nextval('silver.theirs_seq'));
      create rule theirs_rule as on delete to silver.people do instead nothing;
      alter table silver.people enable always rule theirs_rule;
      comment on rule theirs_rule on silver.people is 'theirs';
    `);
    const state = async () => {
      const [row] = await sql`
        select pg_get_indexdef('silver.theirs_idx'::regclass) as index, obj_description('silver.theirs_idx'::regclass) as index_comment,
               (select indisclustered from pg_index where indexrelid = 'silver.theirs_idx'::regclass) as clustered,
               (select relreplident::text from pg_class where oid = 'silver.people'::regclass) as identity,
               (select indisreplident from pg_index where indexrelid = 'silver.theirs_unique'::regclass) as identity_index,
               (select jsonb_agg(to_jsonb(a)) from (
                  select attname, attnotnull, attstattarget, attstorage, attcompression, (select array_agg(o) from unnest(attoptions) o where o not like 'pg\_attver=%') as attoptions,
                         (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = attrelid and adnum = attnum) as "default"
                    from pg_attribute where attrelid = 'silver.people'::regclass and attnum > 0 and not attisdropped order by attnum) a) as columns,
               (select reloptions::text from pg_class where oid = 'silver.people'::regclass) as options,
               (select t.reloptions::text from pg_class c join pg_class t on t.oid = c.reltoastrelid where c.oid = 'silver.people'::regclass) as toast,
               (select jsonb_agg(pg_get_statisticsobjdef(oid) || stxstattarget || obj_description(oid, 'pg_statistic_ext')) from pg_statistic_ext) as statistics,
               pg_get_serial_sequence('silver.people', 'id') as sequence,
               (select pg_get_ruledef(oid) || ev_enabled::text || obj_description(oid, 'pg_rewrite') from pg_rewrite where rulename = 'theirs_rule') as rule`;
      return row;
    };
    const before = await state();
    assert.is(before!.statistics.length, 1);
    await built(buildAgain(project));
    await built(buildAgain(project));
    assert.equal(await state(), before);
    const [number] = await sql`insert into theirs.numbers default values returning id`;
    assert.is(Number(number!.id), 1);
  }));

test('what the model says goes before what others set', () =>
  withShop({}, async (project) => {
    await built(project.mdl('build'));
    await project.sql.unsafe(
      "alter table silver.people alter column name set default 'x'; comment on column silver.people.name is 'theirs'",
    );
    project.write(
      'models/silver/people.sql',
      project
        .read('models/silver/people.sql')
        .replace(
          '{ type: text, not_null: true }',
          '{ type: text, not_null: true, description: Ours, default: "\'y\'" }',
        ),
    );
    await built(project.mdl('build'));
    const [row] = await project.sql`
      select col_description('silver.people'::regclass, 2) as comment,
             (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'silver.people'::regclass and adnum = 2) as "default"`;
    assert.equal({ ...row }, { comment: 'Ours', default: "'y'::text" });
  }));

test('a column that others added is never dropped: the publish fails and names it', () =>
  withShop({}, async (project) => {
    await built(project.mdl('build'));
    await project.sql.unsafe(
      'alter table silver.people add column segment text; update silver.people set segment = 7',
    );
    const { code, stdout } = await buildAgain(project);
    assert.is(code, 1);
    assert.match(stdout, /MDL4301 The column segment that others put on silver\.people cannot be kept/);
    assert.equal(
      (await project.sql`select segment from silver.people`).map((row) => row.segment),
      ['7', '7', '7'],
    );
    await project.sql.unsafe(
      'alter table silver.people drop column segment; alter table silver.people alter column id add generated by default as identity',
    );
    assert.match(
      (await buildAgain(project)).stdout,
      /MDL4301 The identity of column id that others put on silver\.people cannot be kept/,
    );
    await project.sql.unsafe('alter table silver.people alter column id drop identity');
    await built(project.mdl('build'));
  }));

for (const load of ['replace', 'append', 'upsert'])
  test(`a bronze table that is loaded with ${load}: columns of others stay, and those that loads added are ours`, () =>
    withShop(
      {
        'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) },
  bronze: { people: { from: 'loja.people', key: 'id', load: '${load}', ${load === 'upsert' ? "deletes: 'mark'" : ''} } } });`,
      },
      async (project) => {
        await built(project.mdl('load'));
        project.write('seeds/people.csv', 'id,name,age,city\n1,Ana,31,Porto\n');
        await built(project.mdl('load'));
        await project.sql.unsafe("alter table bronze.people add column segment text default 'a'");
        project.write('seeds/people.csv', 'id,name,age,city\n1,Ana,32,Porto\n');
        const { code, stdout } = await project.mdl('load');
        const [row] = await project.sql`select segment from bronze.people where id = '1'`;
        assert.is(row!.segment, 'a');
        if (load === 'replace') {
          assert.is(code, 1);
          assert.match(stdout, /MDL4301 The column segment that others put on bronze\.people cannot be kept/);
        } else {
          assert.is(code, 0, stdout);
          await project.sql.unsafe('alter table bronze.people drop column segment');
          project.write(
            'medallion.config.ts',
            project
              .read('medallion.config.ts')
              .replace(`'${load}'`, `'replace'`)
              .replace(/deletes: 'mark'/, ''),
          );
          project.write('seeds/people.csv', 'id,name,age,city\n1,Ana,33,Porto\n');
          await built(project.mdl('load'));
        }
      },
    ));

test('a table that becomes a view, and a view that becomes a table, keep grants, comments and views of others', () =>
  withShop({}, async (project) => {
    const { sql } = project;
    await sql.unsafe('create role mdl_test_reader nologin').catch(() => {});
    await built(project.mdl('build'));
    await sql.unsafe(`
      grant select on gold.ages to mdl_test_reader;
      grant update (people) on gold.ages to mdl_test_reader;
      comment on table gold.ages is 'theirs';
      comment on column gold.ages.people is 'theirs too';
      create schema theirs; create view theirs.v as select * from gold.ages;
    `);
    const table = project.read('models/gold/ages.sql');
    for (const model of [`/*---\nmaterialized: view\n---*/\n${table.split('---*/')[1]!}`, table]) {
      project.write('models/gold/ages.sql', model);
      await built(buildAgain(project));
      const [row] = await sql`
        select has_table_privilege('mdl_test_reader', 'gold.ages', 'select') as reads,
               has_column_privilege('mdl_test_reader', 'gold.ages', 'people', 'update') as updates,
               obj_description('gold.ages'::regclass) as comment, col_description('gold.ages'::regclass, 2) as column_comment,
               (select sum(people)::int from theirs.v) as people`;
      assert.equal(
        { ...row },
        { reads: true, updates: true, comment: 'theirs', column_comment: 'theirs too', people: 2 },
      );
    }
    await sql.unsafe('alter table gold.ages enable row level security');
    project.write('models/gold/ages.sql', `/*---\nmaterialized: view\n---*/\n${table.split('---*/')[1]!}`);
    const refused = await buildAgain(project);
    assert.match(
      refused.stdout,
      /MDL4301 The row-level security that others put on gold\.ages cannot be kept/,
    );
    await sql.unsafe(
      'alter table gold.ages disable row level security; create index theirs_idx on gold.ages (people)',
    );
    assert.match(
      (await buildAgain(project)).stdout,
      /MDL4301 The index theirs_idx that others put on gold\.ages cannot be kept/,
    );
  }));

test('settings of others on a view survive every publish', () =>
  withShop(
    { 'models/gold/v.sql': '/*---\nmaterialized: view\n---*/\nselect id, name from {{ref "silver.people"}}' },
    async (project) => {
      const { sql } = project;
      await built(project.mdl('build'));
      await sql.unsafe(`
        alter view gold.v set (security_barrier = true);
        alter view gold.v alter column name set default 'nobody';
        create rule theirs_rule as on insert to gold.v do instead nothing;
      `);
      await built(buildAgain(project));
      const [row] = await sql`
        select reloptions::text as options, (select count(*)::int from pg_rewrite where rulename = 'theirs_rule') as rules,
               (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = c.oid) as "default"
          from pg_class c where oid = 'gold.v'::regclass`;
      assert.equal({ ...row }, { options: '{security_barrier=true}', rules: 1, default: "'nobody'::text" });
    },
  ));

test('default privileges of a schema hold for relations that are published there', () =>
  withShop({}, async (project) => {
    const { sql } = project;
    await sql.unsafe('create role mdl_test_reader nologin').catch(() => {});
    await sql.unsafe(
      'create schema gold; alter default privileges in schema gold grant select, insert on tables to mdl_test_reader with grant option',
    );
    await built(project.mdl('build'));
    await built(buildAgain(project));
    const [row] = await sql`
      select has_table_privilege('mdl_test_reader', 'gold.ages', 'select with grant option') as gold,
             has_table_privilege('mdl_test_reader', 'silver.people', 'select') as silver`;
    assert.equal({ ...row }, { gold: true, silver: false });
  }));

test.run();
