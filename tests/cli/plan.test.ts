// core: runs on both servers
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  built,
  errorOf,
  files,
  type Json,
  json,
  orphans,
  person,
  planned,
  seen,
  statuses,
} from '../support/plan.ts';
import { withProject } from '../support/project.ts';

const test = suite('plan');

test('a plan shows exactly what a publish changes, nothing is seen before it, and all of it after', () =>
  withProject(files, async (project) => {
    await built(project);
    const before = await seen(project);
    project.write(
      'seeds/people.csv',
      'id,name,city\n1,Ana,Paulista\n3,"O\'Neil, ""Li""",Olinda\n4,Bia,Olinda\n5,Eva,\n',
    );
    const { code, made, models, events } = await planned(project, '--load');
    assert.is(code, 0, JSON.stringify(events));
    assert.equal(Object.keys(models).sort(), ['gold.by_city', 'silver.Ação "1"', 'silver.people']);
    const silver = models['silver.people'];
    assert.is(silver.how, 'delta');
    assert.equal(silver.rows, { before: 3, after: 5, added: 2, removed: 0, changed: 1 });
    assert.equal(silver.columns, [
      { name: 'city', rows: 1, samples: [{ key: ['1'], before: 'Olinda', after: 'Paulista' }] },
    ]);
    assert.equal(silver.reaches, {
      models: ['gold.by_city', 'gold.shown'],
      dashboards: ['overview'],
      api: null,
      others: [],
    });
    const odd = models['silver.Ação "1"'];
    assert.equal(odd.key, ['Código "x"']);
    assert.equal(
      odd.columns.map(({ name, rows }: Json) => [name, rows]),
      [['é; drop', 1]],
    );
    const gold = models['gold.by_city'];
    assert.is(gold.how, 'swap');
    assert.is(gold.why, 'it has no primary key');
    assert.equal(gold.rows, { before: 2, after: 4, added: 2, removed: 0, changed: null });
    assert.is(gold.reaches.api, '/by_city');
    assert.equal(await seen(project), before, 'readers see nothing of it');
    assert.equal(await statuses(project), ['open']);
    const shown = await project.mdl('plan', '--show', '--json');
    assert.equal(JSON.parse(shown.stdout).models, made!.models);
    const doctor = await project.mdl('doctor');
    assert.match(doctor.stdout, /the plan of run \d+ is open/);

    const publish = await json(project, 'publish');
    assert.is(publish.code, 0, JSON.stringify(publish.events));
    assert.equal(await seen(project), {
      people: ['1 Ana Paulista', '2 José Recife', '3 O\'Neil, "Li" Olinda', '4 Bia Olinda', '5 Eva null'],
      cities: ['Olinda 2', 'Paulista 1', 'Recife 1', 'null 1'],
    });
    const finished = publish.events.find(({ event }) => event === 'publish.finished')!;
    assert.equal(
      Object.fromEntries(finished.how.map(({ node, how }: Json) => [node, how])),
      Object.fromEntries(made!.models.map(({ node, how }: Json) => [node, how])),
    );
    assert.equal(await statuses(project), ['published']);
    assert.is(await orphans(project), 0);
    const runs = JSON.parse((await project.mdl('runs', '--json')).stdout) as Json[];
    assert.equal(
      runs.map(({ command, status }) => `${command} ${status}`),
      ['publish succeeded', 'plan succeeded', 'build succeeded'],
    );
    const again = await project.mdl('build');
    assert.match(again.stdout, /Nothing to publish/, 'a build finds nothing left to do');
    assert.not.match(again.stdout, / build {3}/);
    const none = await project.mdl('publish');
    assert.is(none.code, 2);
    assert.match(none.stderr, /MDL4321/);
    assert.match(none.stderr, /is published \(mdl publish\)/);
  }));

test('schema changes in words; what others have is bound again, or the plan says that it cannot be', () =>
  withProject(files, async (project) => {
    await built(project);
    await project.sql.unsafe(`
      create schema theirs;
      create view theirs.names as select id, name from silver.people;
      create view theirs.cities as select city from silver.people;`);
    project.write(
      'models/silver/people.sql',
      person('select id::bigint as id, name, upper(city) as city, 7 as "novo É"', 'unique: [ [name] ]\n'),
    );
    project.write(
      'models/gold/shown.sql',
      '/*---\nmaterialized: view\n---*/\nselect city, people, 1 as extra from {{ref "gold.by_city"}}',
    );
    const fine = await planned(project);
    assert.is(fine.code, 0, JSON.stringify(fine.events));
    const model = fine.models['silver.people'];
    assert.equal(
      model.schema.map(({ sign, what }: Json) => `${sign} ${what}`),
      ['+ column novo É integer', '~ column id: integer becomes bigint', '+ unique (name)'],
    );
    assert.is(model.how, 'swap');
    assert.equal(model.rows, { before: 3, after: 3, added: 0, removed: 0, changed: 3 });
    assert.equal(model.reaches.others, ['view theirs.names', 'view theirs.cities']);
    assert.equal(fine.models['gold.shown'].schema, [{ sign: '+', what: 'column extra integer' }]);
    assert.is(fine.models['gold.shown'].materialized, 'view');
    assert.equal(fine.models['gold.shown'].rows, {
      before: 2,
      after: 2,
      added: 2,
      removed: 2,
      changed: null,
    });
    // A column that a view of others reads goes away.
    project.write('models/silver/people.sql', person('select id::int as id, city'));
    const bad = await planned(project);
    assert.is(bad.code, 1);
    assert.equal(bad.made!.refusals, [
      'The view theirs.names reads the column name of silver.people, which goes away.',
    ]);
    assert.ok(bad.events.some(({ message }) => /^The open plan of run \d+ is outdated/.test(message)));
    assert.equal(await statuses(project), ['outdated', 'open']);
    const failed = await json(project, 'publish');
    assert.is(failed.code, 1);
    assert.is(errorOf(failed.events).code, 'MDL4301', 'what was foreseen');
    assert.equal(await statuses(project), ['outdated', 'open'], 'the plan is still open');
    await project.sql`drop view theirs.names`;
    assert.is((await project.mdl('publish')).code, 0);
    assert.is((await project.sql`select from theirs.cities`).count, 3);
    assert.equal(await statuses(project), ['outdated', 'published']);
    assert.is(await orphans(project), 0);
  }));

test('rows of others that refer to rows that would go away are foreseen', () =>
  withProject(files, async (project) => {
    await built(project);
    await project.sql.unsafe(`
      create schema theirs;
      create table theirs.notes (person integer references silver.people, note text);
      insert into theirs.notes values (1, 'x'), (2, 'y'), (2, 'z'), (null, 'w');`);
    project.write(
      'models/silver/people.sql',
      person('select id::int as id, name, city', '').replace(/$/, " where id <> '2'"),
    );
    const { code, made } = await planned(project, 'silver.people');
    assert.is(code, 1);
    assert.equal(made!.refusals, [
      'The foreign key notes_person_fkey of theirs.notes refers to rows of silver.people that go away: 2 rows.',
    ]);
    const failed = await json(project, 'publish');
    assert.is(errorOf(failed.events).code, 'MDL4301');
  }));

test('a failing test leaves no plan; charts alone are a change; a definition that changes after the plan is told', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write(
      'models/silver/people.sql',
      person('select id::int as id, null::text as name, city', 'tests: [ { expression: id > 1 } ]\n'),
    );
    const failed = await planned(project);
    assert.is(failed.code, 1);
    assert.is(failed.made, undefined);
    assert.equal(await statuses(project), []);
    assert.is(await orphans(project), 0);
    project.write('models/silver/people.sql', files['models/silver/people.sql']);
    project.write(
      'models/gold/by_city.sql',
      files['models/gold/by_city.sql'].replace('title: Cities', 'title: Towns'),
    );
    const { models } = await planned(project);
    assert.equal(Object.keys(models), ['gold.by_city']);
    assert.is(models['gold.by_city'].why, 'its charts changed');
    const title = async () =>
      (
        await project.sql`select charts -> 0 ->> 'title' as title from medallion.relations where node = 'gold.by_city'`
      )[0]!.title;
    assert.match(await title(), /Cities/);
    project.write('models/gold/by_city.sql', `${files['models/gold/by_city.sql']} having true`);
    const publish = await json(project, 'publish');
    assert.is(publish.code, 0, JSON.stringify(publish.events));
    assert.ok(
      publish.events.some(
        ({ event, node, message }) =>
          event === 'notice' && node === 'gold.by_city' && /another definition/.test(message),
      ),
    );
    assert.match(await title(), /Towns/);
    assert.equal(await statuses(project), ['published']);
    assert.is(await orphans(project), 0);
  }));

test('in a terminal of 80 columns', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write(
      'models/silver/people.sql',
      person("select id::int as id, name, city || repeat('!', 90) as city, 1 as novo"),
    );
    project.write('models/gold/fresh.sql', 'select 1 as n');
    const { stdout } = await project.mdl('plan', '--samples', '1');
    assert.match(stdout, /Plan of run \d+: 3 models would change\. Nothing is published yet\./);
    assert.match(stdout, /\+ column novo integer/);
    assert.match(stdout, /~ 3 changed {3}of 3 rows/);
    assert.match(stdout, /city differs in 3 rows, such as/);
    assert.match(stdout, /gold\.fresh {3}new\n {4}1 row\n/);
    assert.match(stdout, /Let it be seen: npx mdl publish/);
    const plan = stdout.slice(stdout.indexOf('Plan of run'));
    for (const line of plan.split('\n')) assert.ok(line.length <= 130, line);
    const wrong = await project.mdl('plan', '--samples', 'x');
    assert.is(wrong.code, 2);
    assert.match(wrong.stderr, /MDL1004/);
  }));

test.run();
