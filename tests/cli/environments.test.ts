// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, changedGold, dev, files, relationsIn, run } from '../support/environments.ts';
import { withProject } from '../support/project.ts';

const test = suite('environments');

test('nothing differs: nothing is loaded or built, and all is read from production', () =>
  withProject(files, async (project) => {
    await built(project);
    const { reasons, loads, tests, notices } = await built(project, 'dev');
    assert.equal({ reasons, loads, tests }, { reasons: {}, loads: [], tests: [] });
    assert.equal(notices, ['dev: nothing differs from prod; 4 are read from there.']);
    assert.equal(await relationsIn(project, '%\\_\\_dev'), []);
    const { stdout } = await project.mdl('show', 'gold.by_city', ...dev, '--output', 'csv');
    assert.match(stdout, 'Olinda,2');
  }));

test('one model that differs is built, with what reads it; reverted, its relation goes', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write('models/gold/by_city.sql', changedGold);
    const first = await built(project, 'dev');
    assert.equal(first.reasons, { 'gold.by_city': 'never built', 'gold.shown': 'never built' });
    assert.equal(first.loads, []);
    assert.equal(await relationsIn(project, '%\\_\\_dev'), ['gold__dev.by_city', 'gold__dev.shown']);
    const [row] = await project.sql`select first from gold__dev.by_city where city = 'Recife'`;
    assert.is(row!.first, 'José');
    const columns = await project.sql`
      select column_name from information_schema.columns where table_schema = 'gold' and table_name = 'by_city' order by 1`;
    assert.equal(
      columns.map(({ column_name }) => column_name),
      ['city', 'people'],
    );
    assert.equal((await built(project, 'dev')).reasons, {});

    // Rows that come into production make what is built on them stale.
    project.write('seeds/people.csv', `${project.read('seeds/people.csv')}4,Zé,Natal\n`);
    await built(project, 'prod', { select: ['bronze.people', 'silver.people'] });
    assert.equal(Object.keys((await built(project, 'dev')).reasons), ['gold.by_city', 'gold.shown']);
    assert.is((await project.sql`select from gold__dev.shown`).count, 3);

    project.write('models/gold/by_city.sql', files['models/gold/by_city.sql']);
    const reverted = await built(project, 'dev');
    assert.equal(reverted.reasons, {});
    assert.equal(await relationsIn(project, '%\\_\\_dev'), []);
    assert.is((await project.sql`select from medallion.relations where project = 'loja@dev'`).count, 0);
    // Back again: its first version is another one than the first of before.
    project.write('models/gold/by_city.sql', changedGold);
    assert.equal(Object.keys((await built(project, 'dev')).reasons), ['gold.by_city', 'gold.shown']);
    // Merged.
    await built(project);
    assert.equal((await built(project, 'dev')).reasons, {});
    assert.equal(await relationsIn(project, '%\\_\\_dev'), []);
  }));

test('a comment makes no difference, a test alone does', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write('models/silver/people.sql', `${files['models/silver/people.sql']} -- no change`);
    assert.equal((await built(project, 'dev')).reasons, {});
    project.write(
      'models/gold/by_city.sql',
      `/*---\ntests: [ { expression: people > 1 } ]\n---*/\n${files['models/gold/by_city.sql']}`,
    );
    const failed = await run(project, 'dev');
    assert.is(failed.status, 'failed');
    assert.equal(await relationsIn(project, '%\\_\\_dev'), []);
  }));

test('a plan of an environment is its own, and outdated when production moves', () =>
  withProject(files, async (project) => {
    const { mdl, sql, write, read } = project;
    await built(project);
    write('models/gold/by_city.sql', changedGold);
    const planned = await mdl('plan', ...dev);
    assert.is(planned.code, 0, planned.stderr);
    assert.match(planned.stdout, 'Let it be seen: npx mdl publish --target dev');
    assert.match((await mdl('publish')).stderr, 'MDL4321');
    write('seeds/people.csv', `${read('seeds/people.csv')}4,Eva,Natal\n`);
    await built(project, 'prod', { select: ['bronze.people', 'silver.people'] });
    const outdated = await mdl('publish', ...dev);
    assert.is(outdated.code, 1);
    assert.match(outdated.stdout + outdated.stderr, /MDL4322.*silver.people has other rows/s);
    assert.equal(await relationsIn(project, '%\\_\\_dev'), []);

    await mdl('plan', ...dev);
    const published = await mdl('publish', ...dev);
    assert.is(published.code, 0, published.stdout + published.stderr);
    assert.is((await sql`select from gold__dev.by_city where first is not null`).count, 3);
    assert.equal((await built(project, 'dev')).reasons, {});

    // What is read from production is not loaded here, and that is said.
    const { notices } = await built(project, 'dev', { select: ['bronze.people'] });
    assert.match(notices.at(-1)!, 'read from prod; nothing is loaded or built');
  }));

test.run();
