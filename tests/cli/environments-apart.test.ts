// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, changedGold, files, relationsIn } from '../support/environments.ts';
import { withProject } from '../support/project.ts';

const test = suite('environments and production apart');

test('a production publish rebinds views of an environment, and drops the one that cannot read its successor', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write(
      'models/gold/"shown" é.sql',
      '/*---\nmaterialized: view\n---*/\nselect city, people * 2 as twice from {{ref "gold.by_city"}}',
    );
    project.write(
      'models/gold/over.sql',
      '/*---\nmaterialized: view\n---*/\nselect city from {{ref "gold.\\"shown\\" é"}}',
    );
    await built(project, 'dev');
    assert.equal(await relationsIn(project, '%\\_\\_dev'), ['gold__dev."shown" é', 'gold__dev.over'].sort());
    // Production gets another column: the swap takes the view along.
    project.write('models/gold/by_city.sql', changedGold);
    const only = { select: ['gold.by_city', 'gold.shown', 'test.sum'] };
    project.write(
      'models/gold/shown.sql',
      '/*---\nmaterialized: view\n---*/\nselect city, people from {{ref "gold.by_city"}}',
    );
    assert.equal((await built(project, 'prod', only)).notices, []);
    assert.is((await project.sql`select from gold__dev."""shown"" é"`).count, 2);
    // Now the column that it reads goes.
    project.write(
      'models/gold/by_city.sql',
      'select city, count(*) as n from {{ref "silver.people"}} group by city',
    );
    project.write(
      'models/gold/shown.sql',
      '/*---\nmaterialized: view\n---*/\nselect city, n from {{ref "gold.by_city"}}',
    );
    project.write('tests/sum.sql', 'select 1 from {{ref "gold.shown"}} where n < 0');
    project.write(
      'models/gold/"shown" é.sql',
      '/*---\nmaterialized: view\n---*/\nselect city, n * 2 as twice from {{ref "gold.by_city"}}',
    );
    const { notices } = await built(project, 'prod', only);
    assert.is(notices.length, 1);
    assert.match(notices[0]!, /environment loja@dev .* was dropped/);
    assert.equal(await relationsIn(project, '%\\_\\_dev'), []);
    await built(project, 'dev');
    assert.equal((await relationsIn(project, '%\\_\\_dev')).length, 2);
  }));

test('production and an environment build at the same time', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write('models/gold/by_city.sql', changedGold);
    const [one, other] = await Promise.all([
      built(project, undefined, { force: true, noWait: true }),
      built(project, 'dev', { noWait: true }),
    ]);
    assert.equal(Object.keys(one.reasons), ['silver.people', 'gold.by_city', 'gold.shown']);
    assert.is(other.status, 'succeeded');
  }));

test.run();
