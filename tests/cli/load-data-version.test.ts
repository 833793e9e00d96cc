// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { changesSince } from '../../dist/bronze/index.js';
import { config, counts, everyRowAccountedFor, loadedHere, rows, withEngineSql } from '../support/load.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('data versions of bronze');

async function version(project: TestProject): Promise<number> {
  const [row] =
    await project.sql`select data_version::int as version from medallion.relations where node = 'bronze.t'`;
  return row!.version;
}

/** A project whose table `t` another database table feeds, which says no fingerprint: it is read at each load. */
async function withOrigin(bronze: string, work: (project: TestProject) => Promise<void>): Promise<void> {
  await withProject({}, async (project) => {
    project.write(
      'medallion.config.ts',
      config(bronze, `postgres({ url: process.env.DATABASE_URL, schema: 'origin' })`).replace(
        '{ csv,',
        '{ postgres,',
      ),
    );
    await project.sql.unsafe(`
      create schema origin;
      create table origin.t (id integer, "Ünì ""q"" A" text, v text);
      insert into origin.t select i, case when i % 3 > 0 then 'x''; drop table t; --' || i % 7 end, i % 5 from generate_series(1, 500) i`);
    await loadedHere(project);
    await work(project);
  });
}

const same = { read: 500, inserted: 0, updated: 0, unchanged: 500, rejected: 0 };
const swapped = { read: 500, inserted: 500, updated: 0, unchanged: 0, rejected: 0 };

test('replace: the same rows in another order keep the table and its version', () =>
  withOrigin('batchRows: 100', async (project) => {
    const oid = async () => (await project.sql`select 'bronze.t'::regclass::oid::int as oid`)[0]!.oid;
    const before = [await version(project), await oid()];
    await project.sql.unsafe(
      'create table o2 as table origin.t; truncate origin.t; insert into origin.t select * from o2 order by v, id desc',
    );
    const result = await loadedHere(project);
    assert.is(result.status, 'succeeded', JSON.stringify(result));
    assert.equal(counts(result), same);
    assert.equal([await version(project), await oid()], before);
    assert.is((await project.sql`select from pg_tables where schemaname like 'mdl_load%'`).count, 0);
    const [load] =
      await project.sql`select data_version, status from medallion.loads order by load_id desc limit 1`;
    assert.equal({ ...load }, { data_version: null, status: 'loaded' });
    await everyRowAccountedFor(project);
  }));

const changes: Readonly<Record<string, string>> = {
  'one value': `update origin.t set v = 'other' where id = 77`,
  'null and the empty text': `update origin.t set "Ünì ""q"" A" = '' where id = 3`,
  'two rows that exchange a value': `update origin.t set v = case id when 1 then '2' else '1' end where id in (1, 2)`,
  'two columns that exchange their values': `update origin.t set v = "Ünì ""q"" A", "Ünì ""q"" A" = v where id = 7`,
  'one row twice and another not at all': `update origin.t set (id, "Ünì ""q"" A", v) = (select id, "Ünì ""q"" A", v from origin.t where id = 9) where id = 10`,
  'rows that others changed in bronze': `update bronze.t set v = 'edited' where id = '5'`,
  'rows that others removed from bronze and doubled there': `delete from bronze.t where id = '5'; insert into bronze.t select * from bronze.t where id = '6'`,
  'a column that others dropped from bronze': `alter table bronze.t drop column v`,
  'an index that upsert made': `update medallion.relations set owned = jsonb_set(owned, '{indexes}', '["t_id_idx"]') where node = 'bronze.t'`,
};
test('replace: rows that differ, however little, and a table that others altered, are swapped', () =>
  withOrigin('', async (project) => {
    for (const [name, statement] of Object.entries(changes)) {
      const before = await version(project);
      await project.sql.unsafe(statement);
      assert.equal(counts(await loadedHere(project)), swapped, name);
      assert.is(await version(project), before + 1, name);
      const off = await project.sql`
        (select id::text, "Ünì ""q"" A", v from origin.t except all select id, "Ünì ""q"" A", v from bronze.t)
        union all (select id, "Ünì ""q"" A", v from bronze.t except all select id::text, "Ünì ""q"" A", v from origin.t)`;
      assert.is(off.count, 0, name);
      assert.equal(counts(await loadedHere(project)), same, `${name}, once more`);
    }
  }));

test('replace: a row of 70 columns differs by any of them', () =>
  withOrigin('', async (project) => {
    await project.sql.unsafe(`
      drop table origin.t;
      create table origin.t as select i as id, ${Array.from({ length: 69 }, (_, n) => `nullif(i % 3, ${n % 3})::text as c${n}`).join(', ')} from generate_series(1, 3) i`);
    const kept = { read: 3, inserted: 0, updated: 0, unchanged: 3, rejected: 0 };
    await loadedHere(project);
    assert.equal(counts(await loadedHere(project)), kept);
    for (const change of [
      `c0 = ''`,
      `c30 = ''`,
      `c31 = ''`,
      `c68 = ''`,
      'c29 = c30, c30 = c29',
      'c30 = c31, c31 = c30',
      'c68 = null',
    ]) {
      await project.sql.unsafe(`update origin.t set ${change} where id = 3`);
      assert.is(counts(await loadedHere(project)).inserted, 3, change);
      assert.equal(counts(await loadedHere(project)), kept, change);
    }
  }));

test('replace: swaps for other rights and another description, then keeps', () =>
  withOrigin('', async (project) => {
    const source = `postgres({ url: process.env.DATABASE_URL, schema: 'origin' })`;
    for (const settings of [`description: 'It''s "t"'`.replace("''", "\\'"), `description: 'other'`, '']) {
      project.write('medallion.config.ts', config(settings, source).replace('{ csv,', '{ postgres,'));
      assert.equal(counts(await loadedHere(project)), swapped, settings);
      assert.equal(counts(await loadedHere(project)), same, settings);
    }
  }));

test('a replaced table without rows is the same as one without rows', () =>
  withOrigin('', async (project) => {
    await project.sql`truncate origin.t`;
    assert.is((await loadedHere(project)).read, 0);
    const before = await version(project);
    assert.is((await loadedHere(project)).read, 0);
    assert.is(await version(project), before);
  }));

test('upsert and append: the version rises with rows that change; what changed since a version is told', () =>
  withProject(
    {
      'medallion.config.ts': config(`load: 'upsert', key: 'id', deletes: 'remove'`),
      'seeds/t.csv': 'id,v\n1,a\n2,b\n3,c\n',
    },
    async (project) => {
      await loadedHere(project);
      const first = await version(project);
      project.write('seeds/t.csv', 'id,v\n3,c\n2,b\n1,a\n');
      assert.is((await loadedHere(project)).unchanged, 3);
      assert.is(await version(project), first);
      project.write('seeds/t.csv', 'id,v\n1,a\n2,B\n4,d\n5,e\n');
      await loadedHere(project);
      assert.is(await version(project), first + 1);
      project.write('seeds/t.csv', 'id,v\n1,A\n2,B\n4,d\n5,e\n6,f\n');
      await loadedHere(project);
      const made = await project.sql`select data_version::int as v from medallion.loads order by load_id`;
      assert.equal(
        made.map(({ v }) => v),
        [first, null, first + 1, first + 2],
      );
      assert.equal(await rows(project), [
        ['1', 'A'],
        ['2', 'B'],
        ['4', 'd'],
        ['5', 'e'],
        ['6', 'f'],
      ]);

      await withEngineSql(project, async (sql) => {
        const since = async (at: number) =>
          await changesSince(sql, 'loja', [
            { node: 'bronze.t', version: at },
            { node: 'bronze.none', version: 0 },
          ]);
        const told = await since(first);
        assert.equal(told.get('bronze.t'), { inserted: 3, updated: 2, deleted: 1 });
        assert.equal(told.get('bronze.none'), { inserted: 0, updated: 0, deleted: 0 });
        assert.equal((await since(first + 1)).get('bronze.t'), { inserted: 1, updated: 1, deleted: 0 });
        assert.equal((await since(first + 2)).get('bronze.t'), { inserted: 0, updated: 0, deleted: 0 });
        assert.is((await changesSince(sql, 'loja', [])).size, 0);
      });
    },
  ));

test.run();
