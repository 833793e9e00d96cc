// core: runs on both servers
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { engineBuild } from '../support/engine.ts';
import { withProject } from '../support/project.ts';
import { people, snapshotConfig, snapshotFiles, versions } from '../support/snapshot-models.ts';

const test = suite('snapshot models');

test('versions begin, end and come back; the unchanged rest is not touched', () =>
  withProject(snapshotFiles, async (project) => {
    const { sql, write } = project;
    assert.equal((await engineBuild(project)).how, { 'silver.people': 'swap', 'gold.by_city': 'swap' });
    const first = await versions(sql);
    assert.is(first.length, 3);
    assert.ok(first.every(({ is_current, valid_to }) => is_current && valid_to === null));
    const [run] = await sql`select started_at from medallion.runs order by run_id desc limit 1`;
    assert.equal(first[0]!.valid_from, run!.started_at);
    assert.equal((await engineBuild(project)).how, {});
    assert.equal((await engineBuild(project, { force: true })).how['silver.people'], undefined);

    const [before] =
      await sql`select 'silver.people'::regclass::oid as oid, (select xmin::text from silver.people where id = 3) as written`;
    write('seeds/people.csv', 'id,name,city\n2,José,Natal\n3,"Li, Wei",\n4,Eva,Natal\n');
    assert.equal((await engineBuild(project)).how, {
      'silver.people': 'delta 2 2 0',
      'gold.by_city': 'swap',
    });
    const second = await versions(sql);
    assert.equal(
      second.map(({ id, city, is_current }) => [id, city, is_current]),
      [
        [1, 'Olinda', false],
        [2, 'Recife', false],
        [2, 'Natal', true],
        [3, null, true],
        [4, 'Natal', true],
      ],
    );
    assert.equal(second[1]!.valid_to, second[2]!.valid_from);
    assert.equal(second[0]!.valid_to, second[1]!.valid_to);
    const [after] =
      await sql`select 'silver.people'::regclass::oid as oid, (select xmin::text from silver.people where id = 3) as written`;
    assert.equal(after, before);
    assert.equal(
      [...(await sql`select * from gold.by_city order by people`)],
      [
        { city: null, people: 1, versions: 5 },
        { city: 'Natal', people: 2, versions: 5 },
      ],
    );

    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n2,José,Natal\n3,"Li, Wei",\n4,Eva,Natal\n');
    assert.equal((await engineBuild(project)).how['silver.people'], 'delta 1 0 0');
    const back = (await versions(sql)).filter(({ id }) => id === 1);
    assert.is(back.length, 2);
    assert.ok(back[1]!.valid_from > back[0]!.valid_to);

    const full = await engineBuild(project, { fullRefresh: true });
    assert.equal(full.how['silver.people'], undefined);
    assert.match(full.notices.join(), /silver\.people keeps its history/);
    assert.is((await versions(sql)).length, 6);
    assert.equal(
      [
        ...(await sql`select nspname from pg_namespace where nspname like 'mdl_stage_%' and exists (select from pg_class where relnamespace = pg_namespace.oid)`),
      ],
      [],
    );
  }));

test('by time of change; what goes back in time is told and left', () =>
  withProject(
    {
      'medallion.config.ts': snapshotConfig,
      'seeds/people.csv': 'id,name,at\n1,Ana,2026-01-01T10:00:00Z\n2,Eva,2026-01-02T10:00:00Z\n',
      'models/silver/people.sql': people(
        '{ key: [id], strategy: timestamp, updated_at: at }',
        'columns:\n  id: int\n  name: { type: text, not_null: true }\n  at: timestamptz\n  seen: { type: timestamptz, default: clock_timestamp() }\n  valid_from: { description: Since }\n  valid_to: { type: timestamp with time zone, tests: [ { expression: valid_to > valid_from } ] }',
        'id, name, at',
      ),
    },
    async (project) => {
      const { sql, write } = project;
      await engineBuild(project);
      write('seeds/people.csv', 'id,name,at\n1,Anna,2026-01-03T10:00:00Z\n2,Evan,2025-01-02T10:00:00Z\n');
      const { how, notices } = await engineBuild(project);
      assert.is(how['silver.people'], 'delta 1 1 0');
      assert.match(notices.join(), /1 row has an earlier time of change/);
      assert.equal(
        [
          ...(await sql`select id, name, valid_from::date::text as since, valid_to::date::text as till from silver.people order by 1, 3`),
        ],
        [
          { id: 1, name: 'Ana', since: '2026-01-01', till: '2026-01-03' },
          { id: 1, name: 'Anna', since: '2026-01-03', till: null },
          { id: 2, name: 'Eva', since: '2026-01-02', till: null },
        ],
      );
      const [comment] =
        await sql`select col_description('silver.people'::regclass, attnum) as text from pg_attribute where attrelid = 'silver.people'::regclass and attname = 'valid_from'`;
      assert.is(comment!.text, 'Since');
    },
  ));

for (const type of ['timestamp', 'date', 'timestamp(0)'])
  test(`a time of change of type ${type} means the same whoever runs the build`, () => {
    const model = (zone: string) =>
      people(
        `{ key: id, strategy: timestamp, updated_at: at${zone} }`,
        `columns: { id: int, at: ${type} }`,
        'id, at',
      );
    return withProject(
      {
        'medallion.config.ts': snapshotConfig,
        'seeds/people.csv': 'id,at\n1,2026-01-01\n',
        'models/silver/people.sql': model(''),
      },
      async (project) => {
        const { sql, write } = project;
        const database = (await sql`select quote_ident(current_database()) as name`)[0]!.name;
        const since = async () =>
          (
            await sql`select concat_ws(' ', id, to_char(valid_from at time zone 'UTC', 'MM-DD HH24'), to_char(valid_to at time zone 'UTC', 'MM-DD HH24')) as since
              from silver.people order by id, valid_from`
          ).map((row) => row.since);
        const buildIn = async (zone: string, seed: string) => {
          await sql.unsafe(`alter database ${database} set timezone = '${zone}'`);
          write('seeds/people.csv', `id,at\n${seed}`);
          assert.is((await engineBuild(project, { force: true })).status, 'succeeded');
          return since();
        };
        assert.equal(await buildIn('America/Recife', '1,2026-01-01\n'), ['1 01-01 00']);
        assert.equal(await buildIn('Asia/Tokyo', '1,2026-01-01\n'), ['1 01-01 00'], 'no version of its own');
        assert.equal(await buildIn('Asia/Tokyo', '1,2026-01-02\n'), ['1 01-01 00 01-02 00', '1 01-02 00']);
        const both = ['1 01-01 00 01-02 00', '1 01-02 00'];
        write('models/silver/people.sql', model(', time_zone: America/Sao_Paulo'));
        assert.equal(await buildIn('Asia/Tokyo', '1,2026-01-02\n'), both, 'nor with another time_zone');
        assert.equal(await buildIn('UTC', '1,2026-01-02\n2,2026-01-03\n'), [...both, '2 01-03 03']);
        write(
          'models/silver/people.sql',
          model(', time_zone: America/Sao_Paulo')
            .replace(`at: ${type} }`, 'at: timestamptz }')
            .replace('select id, at', `select id, at::timestamp at time zone 'America/Sao_Paulo' as at`),
        );
        assert.equal(
          await buildIn('Asia/Tokyo', '1,2026-01-02\n2,2026-01-03\n'),
          [...both, '2 01-03 03'],
          'nor with another type that says the same',
        );
      },
    );
  });

test('any name will do, and rights, policies and foreign keys hold', () =>
  withProject(
    {
      'medallion.config.ts': snapshotConfig,
      'seeds/people.csv': 'id,name\n1,Ana\n2,Eva\n',
      'models/silver/cities.sql': "/*---\nprimary_key: c\n---*/\nselect 'O' as c",
      'models/silver/São "Paulo".sql': `/*---
materialized: snapshot
snapshot: { key: ['O "Id"', select], hard_deletes: invalidate }
foreign_keys: [ { columns: Straße, references: silver.cities } ]
grants: { select: [readers] }
rls: { select: is_current }
---*/
select id as "O ""Id""", 1 as "select", name as "Ça", 'O' as "Straße" from {{ref "bronze.people"}}`,
      'models/gold/seen.sql':
        '/*---\nmaterialized: view\n---*/\nselect "Ça" from {{ref \'silver.São "Paulo"\'}} where is_current',
    },
    async (project) => {
      const { sql, write } = project;
      const [role] = await sql`select count(*)::int as n from pg_roles where rolname = 'readers'`;
      if (role!.n === 0) await sql.unsafe('create role readers').catch(() => {});
      assert.is((await engineBuild(project)).status, 'succeeded');
      write('seeds/people.csv', 'id,name\n1,Ána\n');
      const { how } = await engineBuild(project);
      assert.is(how['silver.São "Paulo"'], 'delta 1 2 0');
      assert.equal([...(await sql`select * from gold.seen`)], [{ Ça: 'Ána' }]);
      const [rights] =
        await sql`select relrowsecurity as rls, has_table_privilege('readers', oid, 'select') as readable from pg_class where relname = 'São "Paulo"' and relnamespace = 'silver'::regnamespace`;
      assert.equal(rights, { rls: true, readable: true });
    },
  ));

test.run();
