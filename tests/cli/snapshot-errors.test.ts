// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type MedallionError, openProject } from '../../dist/index.js';
import { engineBuild } from '../support/engine.ts';
import { withProject } from '../support/project.ts';
import { people, snapshotFiles } from '../support/snapshot-models.ts';

const test = suite('errors of snapshots');

test('keys that appear twice, keys that are null and missing columns are named', () =>
  withProject(snapshotFiles, async (project) => {
    const { write, sql } = project;
    write('seeds/people.csv', 'id,name,city\n1,Ana,O\n1,Ane,O\n2,Eva,O\n2,Eve,O\n2,Evy,O\n');
    const twice = await engineBuild(project);
    assert.is(twice.errors[0]!.code, 'MDL4016');
    assert.match(
      twice.errors[0]!.message,
      /2 keys appear more than once: \(id\) = 2 \(3 rows\); 1 \(2 rows\)/,
    );
    assert.is(twice.errors[0]!.where!.file, 'models/silver/people.sql');
    write('seeds/people.csv', 'id,name,city\n1,Ana,O\n,Ane,O\n');
    assert.match((await engineBuild(project)).errors[0]!.message, /1 row has no value in "id"/);
    write('models/silver/people.sql', people('{ key: ident }'));
    assert.match((await engineBuild(project)).errors[0]!.message, /no column "ident"/);
    write('models/silver/people.sql', people('{ key: id }', '', 'id, 1 as valid_to'));
    assert.match(
      (await engineBuild(project)).errors[0]!.message,
      /"valid_to", which a snapshot fills itself/,
    );
    assert.is((await sql`select to_regclass('silver.people') as r`)[0]!.r, null);
  }));

test('a time of change has to be one', () =>
  withProject(snapshotFiles, async (project) => {
    const { write, sql } = project;
    const byTime = (type: string) =>
      people('{ key: id, strategy: timestamp, updated_at: at }', '', `id, null as city, at::${type} as at`);
    write('seeds/people.csv', 'id,at\n1,2026-1-9\n');
    write('models/silver/people.sql', byTime('text'));
    const error = (await engineBuild(project)).errors[0]!;
    assert.is(error.code, 'MDL4016');
    assert.match(error.message, /"at", the updated_at, is no timestamptz, timestamp or date/);
    assert.match(error.hint!, /^Cast it in the select/);
    await sql`create domain public.moment as timestamptz`;
    await sql`create domain public.later_moment as public.moment`;
    write('models/silver/people.sql', byTime('public.later_moment'));
    const built = await engineBuild(project);
    assert.is(built.status, 'succeeded', built.errors[0]?.message);
    write('seeds/people.csv', 'id,at\n1,2026-1-10\n');
    assert.is((await engineBuild(project)).how['silver.people'], 'delta 1 1 0');
    write('seeds/people.csv', 'id,at\n1,infinity\n2,-infinity\n3,2026-1-11\n');
    const infinite = (await engineBuild(project)).errors[0]!;
    assert.is(infinite.code, 'MDL4016');
    assert.match(infinite.message, /2 rows have an infinite time in "at"/);
    write('seeds/people.csv', 'id,at\n1,2026-1-11\n');
    assert.is((await engineBuild(project)).how['silver.people'], 'delta 1 1 0');
  }));

test('settings that do not fit are told with their place', () =>
  withProject(snapshotFiles, async ({ write, dir }) => {
    for (const [front, message, known = /MDL1217/] of [
      ['materialized: snapshot', /a snapshot without settings/],
      ['materialized: table\nsnapshot: { key: id }', /is of kind table/],
      ['materialized: snapshot\nsnapshot: { key: id, strategy: timestamp }', /timestamp needs to know/],
      ['materialized: snapshot\nsnapshot: { key: id, updated_at: at }', /updated_at: means nothing/],
      ['materialized: snapshot\nsnapshot: { key: id, time_zone: UTC }', /time_zone: means nothing/],
      [
        'materialized: snapshot\nsnapshot: { key: id, strategy: timestamp, updated_at: at, time_zone: Olinda }',
        /no time zone "Olinda"/,
      ],
      [
        'materialized: snapshot\nprimary_key: id\nsnapshot: { key: id }',
        /primary_key: silver.people is a snapshot/,
      ],
      [
        'materialized: snapshot\nsnapshot: { key: id }\nunique: [ name ]',
        /unique: silver.people is a snapshot/,
      ],
      [
        'materialized: snapshot\nsnapshot: { key: ident }\ncolumns: { id: int, name: text }',
        /no column "ident"/,
      ],
      [
        'materialized: snapshot\nsnapshot: { key: id }\ncolumns: { id: int, valid_to: date }',
        /"valid_to" as timestamptz/,
      ],
      ['materialized: snapshot\nsnapshot: { key: id, hard_deletes: mark }', /hard_deletes/, /MDL1202/],
      [
        'materialized: snapshot\nsnapshot: { key: id }\ndistribute_by: valid_from',
        /"valid_from" is not in snapshot\.key/,
        /MDL1213/,
      ],
      [
        'materialized: snapshot\nsnapshot: { key: id }\npublish: swap',
        /its history stays where it is/,
        /MDL1202/,
      ],
      [
        'materialized: materialized_view\nrls: { select: true }',
        /row-level security is for tables/,
        /MDL1202/,
      ],
      ['materialized: materialized_view\npublish: delta', /has no primary_key/, /MDL1202/],
      ['materialized: materialized_view\ndistribute_by: id', /keeps on one node/, /MDL1213/],
    ] as [string, RegExp, RegExp?][]) {
      write('models/silver/people.sql', `/*---\n${front}\n---*/\nselect 1 as id`);
      const error = await openProject({ dir }).then(
        () => undefined,
        (cause: MedallionError) => cause,
      );
      assert.match(error?.code ?? 'no error', known);
      assert.match(error!.message, message);
      assert.is(error!.where?.file, 'models/silver/people.sql');
      assert.ok(error!.where!.line! > 1, front);
    }
  }));

test.run();
