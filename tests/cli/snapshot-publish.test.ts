// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { engineBuild } from '../support/engine.ts';
import { leavesNothing } from '../support/faults/versions.ts';
import { withProject } from '../support/project.ts';
import { people, snapshotConfig, snapshotFiles, versions } from '../support/snapshot-models.ts';
import { hold, until, untilHeld } from '../support/wait.ts';

/** What may come between a snapshot that is staged and its history: others, kills, plans, other tables. */
const test = suite('publishing snapshots');

/** Waits when the snapshot is staged. */
const wait = {
  'models/silver/wait.sql':
    'select count(*) as n from {{ref "silver.people"}}, (select pg_advisory_xact_lock_shared(4711)) w',
};

const lines = async (sql: Parameters<typeof versions>[0]) =>
  (await versions(sql)).map(({ id, name, city, is_current }) => `${id} ${name} ${city} ${is_current}`);

const overlapping = `select * from (select *, lead(valid_from) over (partition by id order by valid_from) as next from silver.people) v
  where valid_to <= valid_from or valid_to > next or (valid_to is null) <> is_current or (is_current and next is not null)`;

test('others write into the history while a run is under way: what is published fits what they left', () =>
  withProject({ ...snapshotFiles, ...wait }, async (project) => {
    const { sql, write } = project;
    await engineBuild(project);
    write('seeds/people.csv', 'id,name,city\n1,Ana,Natal\n2,José,Natal\n3,"Li, Wei",\n4,Eva,Natal\n');
    const release = await hold(sql);
    const building = engineBuild(project);
    await untilHeld(sql);
    // One that would end has ended, one that would begin has begun.
    await sql`update silver.people set is_current = false, valid_to = now() where id = 1`;
    await sql`insert into silver.people values (4, 'Eva', 'Natal', now(), null, true), (5, 'Bia', 'Natal', now(), null, true)`;
    await release();
    const { status, how, error } = await building;
    assert.is(status, 'succeeded', String(error));
    // Ana comes back, José moves, Bia is not in the source.
    assert.is(how['silver.people'], 'delta 2 2 0');
    assert.equal(await lines(sql), [
      '1 Ana Olinda false',
      '1 Ana Natal true',
      '2 José Recife false',
      '2 José Natal true',
      '3 Li, Wei null true',
      '4 Eva Natal true',
      '5 Bia Natal false',
    ]);
    assert.equal([...(await sql.unsafe(overlapping))], []);
  }));

test('killed when it is staged, and killed while its rows are written: the history is whole, the next run goes on', () =>
  withProject({ ...snapshotFiles, ...wait }, async (project) => {
    const { sql, write } = project;
    await engineBuild(project);
    const before = await versions(sql);
    write('seeds/people.csv', 'id,name,city\n1,Ana,Natal\n2,José,Recife\n4,Eva,Natal\n');
    const release = await hold(sql);
    const staged = project.spawn('build');
    await untilHeld(sql);
    staged.kill('SIGKILL');
    await release();
    assert.equal(await versions(sql), before);

    const writer = await sql.reserve();
    await writer.unsafe('begin; select from silver.people where id = 3 for update');
    const publishing = project.spawn('build');
    await until(async () => {
      const [row] = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update "silver"."people"%'`;
      return row !== undefined;
    });
    publishing.kill('SIGKILL');
    await new Promise((resolve) => publishing.on('close', resolve));
    await writer.unsafe('rollback');
    writer.release();
    assert.equal(await versions(sql), before);

    const { status, how } = await engineBuild(project);
    assert.is(status, 'succeeded');
    assert.is(how['silver.people'], 'delta 2 2 0');
    assert.equal(await lines(sql), [
      '1 Ana Olinda false',
      '1 Ana Natal true',
      '2 José Recife true',
      '3 Li, Wei null false',
      '4 Eva Natal true',
    ]);
    await leavesNothing(sql);
  }));

test('a plan shows versions that begin and end, and is published as it was made', () =>
  withProject(snapshotFiles, async (project) => {
    const { sql, write } = project;
    await engineBuild(project);
    const before = await versions(sql);
    write('seeds/people.csv', 'id,name,city\n1,Ana,Natal\n3,"Li, Wei",\n');
    const planned = await engineBuild(project, { command: 'plan', plan: { samples: 2 } });
    const made = planned.events.find((event) => event.event === 'plan.made');
    const [snapshot] = made!.models.filter(({ node }) => node === 'silver.people');
    assert.is(snapshot!.how, 'delta');
    assert.equal(snapshot!.rows, { before: 3, after: 4, added: 1, removed: 0, changed: 2 });
    assert.equal(snapshot!.schema, []);
    assert.equal(
      snapshot!.columns.map(({ name }) => name),
      ['valid_to', 'is_current'],
    );
    assert.equal(await versions(sql), before);
    const { code, stdout, stderr } = await project.mdl('publish');
    assert.is(code, 0, stdout + stderr);
    assert.equal(await lines(sql), [
      '1 Ana Olinda false',
      '1 Ana Natal true',
      '2 José Recife false',
      '3 Li, Wei null true',
    ]);
    assert.equal((await engineBuild(project)).how, {});
    await leavesNothing(sql);
  }));

test('new versions refer to rows that only the successor of a replaced table has', () =>
  withProject(
    {
      'medallion.config.ts': snapshotConfig,
      'seeds/people.csv': 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n',
      'models/silver/cities.sql':
        "/*---\nprimary_key: city\nunique: [ place ]\npublish: swap\n---*/\nselect * from (values ('Olinda', 1), ('Recife', 2)) c (city, place)",
      'models/silver/people.sql': people(
        '{ key: id }',
        'foreign_keys: [ { columns: city, references: silver.cities } ]',
      ),
    },
    async (project) => {
      const { sql, write } = project;
      await engineBuild(project);
      const oid = async () => (await sql`select 'silver.people'::regclass::oid as oid`)[0]!.oid;
      const first = await oid();
      // Cities are replaced, and bring Natal along.
      write(
        'models/silver/cities.sql',
        "/*---\nprimary_key: city\nunique: [ place ]\npublish: swap\n---*/\nselect * from (values ('Olinda', 2), ('Recife', 1), ('Natal', 3)) c (city, place)",
      );
      write('seeds/people.csv', 'id,name,city\n1,Ana,Natal\n2,José,Recife\n');
      const { status, how, error } = await engineBuild(project);
      assert.is(status, 'succeeded', String(error));
      assert.equal(how, { 'silver.cities': 'swap', 'silver.people': 'delta 1 1 0' });
      assert.is(await oid(), first);
      assert.equal(await lines(sql), ['1 Ana Olinda false', '1 Ana Natal true', '2 José Recife true']);
      const [key] =
        await sql`select confrelid::regclass::text as onto, convalidated as valid from pg_constraint where conrelid = 'silver.people'::regclass and contype = 'f'`;
      assert.equal(key, { onto: 'silver.cities', valid: true });
      // A city goes that versions refer to: nothing is published, and the key is named.
      write(
        'models/silver/cities.sql',
        "/*---\nprimary_key: city\n---*/\nselect * from (values ('Recife', '1'), ('Natal', '3')) c (city, place)",
      );
      const refused = await engineBuild(project);
      assert.is(refused.error!.code, 'MDL4301', String(refused.error));
      assert.match(refused.error!.message, /people_city_fkey/);
      assert.is((await lines(sql)).length, 3);
    },
  ));

test('hard_deletes: new_record marks rows that went away, also in a history that did not do so before', () =>
  withProject(snapshotFiles, async (project) => {
    const { sql, write } = project;
    const marked = async () =>
      (await sql`select id, city, is_current, is_deleted from silver.people order by id, valid_from`).map(
        ({ id, city, is_current, is_deleted }) =>
          `${id} ${city}${is_current ? ' current' : ''}${is_deleted ? ' deleted' : ''}`,
      );
    write('models/silver/people.sql', people('{ key: id }'));
    await engineBuild(project);
    write(
      'models/silver/people.sql',
      people(
        '{ key: id, hard_deletes: new_record }',
        'columns: { id: int, name: text, city: text, is_deleted: { description: Gone } }',
      ),
    );
    assert.is((await engineBuild(project)).how['silver.people'], 'swap');
    write('seeds/people.csv', 'id,name,city\n2,José,Recife\n3,"Li, Wei",\n');
    assert.is((await engineBuild(project)).how['silver.people'], 'delta 1 1 0');
    assert.is((await engineBuild(project, { force: true })).how['silver.people'], undefined);
    assert.equal(await marked(), [
      '1 Olinda',
      '1 Olinda current deleted',
      '2 Recife current',
      '3 null current',
    ]);
    // It comes back as it was, and is told apart from what it was.
    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"Li, Wei",\n');
    assert.is((await engineBuild(project)).how['silver.people'], 'delta 1 1 0');
    assert.equal(await marked(), [
      '1 Olinda',
      '1 Olinda deleted',
      '1 Olinda current',
      '2 Recife current',
      '3 null current',
    ]);
    assert.equal([...(await sql.unsafe(overlapping))], []);
    // Another way by now: what is marked stays, and what comes back is no longer deleted.
    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n3,"Li, Wei",\n');
    await engineBuild(project);
    write('models/silver/people.sql', people('{ key: id }'));
    await engineBuild(project);
    write('seeds/people.csv', 'id,name,city\n1,Ana,Natal\n2,José,Recife\n');
    const { how, error } = await engineBuild(project);
    assert.is(how['silver.people'], 'delta 2 2 0', String(error));
    assert.equal(
      (await marked()).filter((line) => line.includes('current')),
      ['1 Natal current', '2 Recife current', '3 null current'],
    );
  }));

test.run();
