// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { engineBuild } from '../support/engine.ts';
import { withProject } from '../support/project.ts';
import { people, snapshotFiles } from '../support/snapshot-models.ts';

const test = suite('history of snapshots');

test('columns come and go, types widen, and history stays', () =>
  withProject(snapshotFiles, async (project) => {
    const { sql, write } = project;
    await engineBuild(project);
    await sql.unsafe(
      'create index theirs on silver.people (name); create view public.theirs as select id, valid_to from silver.people',
    );
    write(
      'models/silver/people.sql',
      people(
        '{ key: id, hard_deletes: invalidate }',
        '',
        "id::bigint as id, name, length(name) as letters, 'x' as mdl_op",
      ),
    );
    assert.is((await engineBuild(project)).status, 'failed');
    assert.is((await sql`select from silver.people`).length, 3);
    await sql.unsafe('drop view public.theirs');
    assert.equal((await engineBuild(project)).how['silver.people'], 'swap');
    assert.equal(
      [
        ...(await sql`select id, name, city, letters, mdl_op, is_current from silver.people where id = 2 order by valid_from`),
      ],
      [
        { id: '2', name: 'José', city: 'Recife', letters: null, mdl_op: null, is_current: false },
        { id: '2', name: 'José', city: null, letters: 4, mdl_op: 'x', is_current: true },
      ],
    );
    assert.is((await sql`select from pg_indexes where indexname = 'theirs'`).length, 1);
    write('seeds/people.csv', 'id,name,city\n2,Joe,Natal\n');
    assert.equal((await engineBuild(project)).how['silver.people'], 'delta 1 3 0');

    write('models/silver/people.sql', people('{ key: id }', '', 'id::text as id, name'));
    const { errors } = await engineBuild(project);
    assert.is(errors[0]!.code, 'MDL4016');
    assert.match(errors[0]!.message, /"id" is text now, and bigint in its history/);
    write('models/silver/people.sql', people('{ key: [name] }', '', 'id::bigint as id, name'));
    assert.match((await engineBuild(project)).errors[0]!.message, /its key is \(name\), and its history has/);
    assert.is((await sql`select from silver.people`).length, 7);
  }));

test('others alter it: an error; others drop it: it begins again', () =>
  withProject(snapshotFiles, async (project) => {
    const { sql } = project;
    await engineBuild(project);
    await sql.unsafe('drop table gold.by_city; alter table silver.people rename column valid_to to till');
    assert.match((await engineBuild(project)).errors[0]!.message, /others took "valid_to"/);
    await sql.unsafe(
      'alter table silver.people rename column till to valid_to; alter table silver.people drop constraint people_pkey',
    );
    assert.match((await engineBuild(project)).errors[0]!.message, /others took the primary key/);
    await sql.unsafe('drop table silver.people');
    assert.is((await engineBuild(project)).how['silver.people'], 'swap');
  }));

test('a failing test publishes nothing, and sees the history as it would be', () =>
  withProject(snapshotFiles, async (project) => {
    const { write, sql } = project;
    write(
      'models/silver/people.sql',
      people(
        '{ key: id }',
        'tests: [ { expression: "valid_to is null or city <> \'Recife\'" } ]\nindexes: [ { columns: name, unique: true, where: is_current } ]',
      ),
    );
    assert.is((await engineBuild(project)).status, 'succeeded');
    write('seeds/people.csv', 'id,name,city\n1,Ana,Olinda\n2,José,Natal\n');
    assert.is((await engineBuild(project)).status, 'failed');
    assert.is((await sql`select from silver.people where is_current`).length, 3);
    write(
      'models/silver/people.sql',
      people('{ key: id }', 'columns: { id: int, name: text, city: { type: text, not_null: true } }'),
    );
    assert.is((await engineBuild(project)).status, 'failed');
    assert.is((await sql`select from silver.people`).length, 3);
  }));

test.run();
