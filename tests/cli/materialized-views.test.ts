// core: runs on both servers
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { engineBuild } from '../support/engine.ts';
import { byCity, files, shown } from '../support/materialized-views.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';

const test = suite('materialized views');

const oidOf = async ({ sql }: TestProject, name: string) =>
  (await sql`select ${name}::regclass::oid as oid`)[0]!.oid;
test('refreshed where only rows differ: readers, rights and views of others stay', () =>
  withProject(files, async (project) => {
    const { sql, write } = project;
    assert.equal((await engineBuild(project)).how, {
      'silver.people': 'swap',
      'gold.by_city': 'swap',
      'gold.large': 'swap',
      'gold.shown': 'swap',
    });
    assert.equal(
      [
        ...(await sql`select kind, relkind::text, obj_description(c.oid, 'pg_class') as said, (select count(*)::int from pg_index where indrelid = c.oid) as indexes
         from medallion.relations r join pg_class c on c.oid = r.node::regclass where node = 'gold.by_city'`),
      ],
      [{ kind: 'materialized_view', relkind: 'm', said: 'People of a city', indexes: 2 }],
    );
    assert.equal((await engineBuild(project)).how, {});
    const oid = await oidOf(project, 'gold.by_city');
    await sql.unsafe(
      'create view public.theirs as select people from gold.by_city; grant select on gold.by_city to public',
    );
    // A reader in the middle of a long look keeps nobody waiting, and sees what it saw.
    await sql.begin('isolation level repeatable read', async (reader) => {
      assert.is((await reader`select from gold.by_city`).length, 2);
      write(
        'seeds/people.csv',
        'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"Li, Wei",Recife\n4,Eva,Natal\n',
      );
      assert.equal((await engineBuild(project)).how, {
        'silver.people': 'delta 1 1 0',
        'gold.by_city': 'delta 1 2 0',
        'gold.large': 'swap',
      });
      assert.is((await reader`select from gold.by_city`).length, 2);
    });
    assert.equal(await shown(project), ['Recife']);
    assert.equal([...(await sql`select sum(people)::int as people from public.theirs`)], [{ people: 4 }]);
    assert.is(await oidOf(project, 'gold.by_city'), oid);
    // Rows that add up to the same: nothing is refreshed.
    write(
      'seeds/people.csv',
      'id,name,city\n1,Anna,Olinda\n2,José,Recife\n3,"Li, Wei",Recife\n4,Eva,Natal\n',
    );
    assert.equal((await engineBuild(project)).how, { 'silver.people': 'delta 0 1 0' });
  }));

test('a definition that changes over a table that stays is made anew, and filled with what is written', () =>
  withProject(files, async (project) => {
    const { sql, write } = project;
    await engineBuild(project);
    await sql.unsafe(
      'create view public.theirs as select city from gold.by_city; grant select on gold.by_city to public; create index theirs on gold.by_city (city, people)',
    );
    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"Li, Wei",Olinda\n4,Eva,Natal\n');
    write(
      'models/gold/by_city.sql',
      byCity('primary_key: city', 'city, count(*) as people, max(name) as last'),
    );
    const { how } = await engineBuild(project);
    assert.equal([how['silver.people'], how['gold.by_city']], ['delta 1 0 0', 'swap']);
    assert.equal(
      [...(await sql`select city, last from gold.by_city order by 1`)],
      [
        { city: 'Natal', last: 'Eva' },
        { city: 'Olinda', last: 'Li, Wei' },
        { city: 'Recife', last: 'José' },
      ],
    );
    assert.equal(await shown(project), ['Olinda']);
    assert.is((await sql`select from public.theirs`).length, 3);
    assert.is((await sql`select from pg_indexes where indexname = 'theirs'`).length, 1);
    assert.equal((await engineBuild(project)).how, {});
  }));

test('what it reads is replaced: it is replaced with it, also where its rows are the same', () =>
  withProject(files, async (project) => {
    const { sql, write } = project;
    await engineBuild(project);
    write(
      'models/silver/people.sql',
      '/*---\nprimary_key: id\n---*/\nselect id::int as id, name, city, 1 as more from {{ref "bronze.people"}}',
    );
    const alone = await engineBuild(project, { select: ['silver.people'] });
    assert.is(alone.status, 'failed');
    assert.match(String(alone.error?.hint) + alone.error, /Build it in the same run: --select gold\.by_city/);
    const { how, status, error } = await engineBuild(project);
    assert.is(status, 'succeeded', String(error));
    assert.equal([how['silver.people'], how['gold.by_city'], how['gold.large']], ['swap', 'swap', 'swap']);
    assert.equal(await shown(project), ['Olinda']);
    assert.equal(
      [
        ...(await sql`select distinct refobjid::regclass::text as reads from pg_depend d join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
      where r.ev_class = 'gold.by_city'::regclass and refobjid <> r.ev_class and refclassid = 'pg_class'::regclass`),
      ],
      [{ reads: 'silver.people' }],
    );
    assert.equal((await engineBuild(project)).how, {});
  }));

test('its contract is tested; without a key it is replaced; a materialized view of others is not lost', () =>
  withProject(files, async (project) => {
    const { sql, write } = project;
    write('models/gold/by_city.sql', byCity('primary_key: n', 'city, 1 as n'));
    const broken = await engineBuild(project);
    assert.equal(broken.failed, ['gold.by_city']);
    write('models/gold/by_city.sql', byCity('tests: [ { expression: people > 0 } ]'));
    await engineBuild(project);
    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n');
    assert.is((await engineBuild(project)).how['gold.by_city'], 'swap');
    await sql.unsafe('create materialized view public.theirs as select * from gold.by_city');
    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n');
    assert.match(String((await engineBuild(project)).error), /materialized view public\.theirs/);
    assert.is((await sql`select from gold.by_city`).length, 2);
  }));

test('what others did to it is put right; who may read it may go on', () =>
  withProject(
    {
      ...files,
      'models/gold/by_city.sql': byCity('primary_key: city\ngrants: { select: [readers] }'),
    },
    async (project) => {
      const { sql } = project;
      await createRoles(sql, 'readers');
      await engineBuild(project);
      const readable = async () =>
        (await sql`select has_table_privilege('readers', 'gold.by_city', 'select') as may`)[0]!.may;
      assert.is(await readable(), true);
      await sql.unsafe('grant select on gold.by_city to pg_monitor');
      await sql.unsafe('drop index gold.by_city_city_idx');
      assert.equal((await engineBuild(project)).why['gold.by_city'], 'others changed it');
      await sql.unsafe('refresh materialized view gold.by_city with no data');
      assert.equal((await engineBuild(project)).why['gold.by_city'], 'others changed it');
      assert.is((await sql`select from gold.by_city`).length, 2);
      assert.is(await readable(), true);
      const [rights] = await sql`select has_table_privilege('pg_monitor', 'gold.by_city', 'select') as may`;
      assert.is(rights!.may, true);
      assert.is(
        (await sql`select from pg_indexes where tablename = 'by_city' and indexname = 'by_city_city_idx'`)
          .length,
        1,
      );
      assert.equal((await engineBuild(project)).how, {});
    },
  ));

test.run();
