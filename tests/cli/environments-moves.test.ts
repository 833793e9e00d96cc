// core: runs on both servers
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, config, files, relationsIn, run } from '../support/environments.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('what is read in another place');

const view = (query: string, kind = 'view') => `/*---\nmaterialized: ${kind}\n---*/\n${query}`;
const silver = (query: string) => `/*---\nprimary_key: id\n---*/\n${query}`;
const base = (name = 'name') => silver(`select id::int as id, ${name} as name from {{ref "bronze.people"}}`);
const moving = {
  'medallion.config.ts': files['medallion.config.ts'],
  'seeds/people.csv': files['seeds/people.csv'],
  'models/silver/base.sql': base(),
  'models/gold/vv.sql': view('select name from {{ref "silver.base"}}'),
  'models/gold/mv.sql': view('select name from {{ref "silver.base"}}', 'materialized_view'),
};
const edited = (query: string) => query.replace('select name', 'select name, 1 as one');
const namesOf = async ({ sql }: TestProject, relation: string) =>
  (await sql.unsafe(`select name from ${relation} order by 1`)).map(({ name }) => name).join();

test('a view reads the relation of its environment as soon as there is one, and as long', () =>
  withProject(moving, async (project) => {
    await built(project);
    for (const name of ['vv', 'mv'] as const)
      project.write(`models/gold/${name}.sql`, edited(moving[`models/gold/${name}.sql`]));
    await built(project, 'dev');
    assert.equal(await relationsIn(project, '%\\_\\_dev'), ['gold__dev.mv', 'gold__dev.vv']);
    project.write('models/silver/base.sql', base('upper(name)'));
    await built(project, 'dev');
    for (const name of ['vv', 'mv'])
      assert.is(await namesOf(project, `gold__dev.${name}`), 'ANA,JOSÉ,LI, WEI');
    project.write('models/silver/base.sql', base());
    const { notices } = await built(project, 'dev');
    assert.not.match(notices.join('\n'), 'is no longer needed and stays');
    assert.equal(await relationsIn(project, '%\\_\\_dev'), ['gold__dev.mv', 'gold__dev.vv']);
    for (const name of ['vv', 'mv'])
      assert.is(await namesOf(project, `gold__dev.${name}`), 'Ana,José,Li, Wei');
  }));

test('a view reads a layer where it has moved to', () =>
  withProject(moving, async (project) => {
    await built(project);
    project.write(
      'medallion.config.ts',
      config(`{ prod: {}, dev: { from: 'prod' } }`, `layers: { silver: { schema: 'prata' }, gold: {} }`),
    );
    assert.equal((await built(project)).reasons, {
      'silver.base': 'published in another place',
      'gold.mv': 'silver.base changed',
      'gold.vv': 'silver.base changed',
    });
    await project.sql`drop table silver.base`;
    project.write('models/silver/base.sql', base('upper(name)'));
    await built(project);
    for (const name of ['vv', 'mv']) assert.is(await namesOf(project, `gold.${name}`), 'ANA,JOSÉ,LI, WEI');
  }));

test('a test runs again on rows of another time, although they are counted from the beginning', () =>
  withProject(
    { ...moving, 'tests/short.sql': `select 1 from {{ref "silver.base"}} where length(name) > 9` },
    async (project) => {
      const build = (name: string, target?: string) => {
        project.write('models/silver/base.sql', base(name));
        return run(project, target);
      };
      await built(project);
      assert.is((await build('upper(name)', 'dev')).status, 'succeeded');
      assert.is((await build('name', 'dev')).status, 'succeeded');
      assert.is((await build(`repeat(name, 9)`, 'dev')).status, 'failed');
      project.write(
        'medallion.config.ts',
        config(`{ prod: {} }`, `layers: { silver: { schema: 'prata' }, gold: {} }`),
      );
      assert.is((await build(`repeat(name, 9)`, 'prod')).status, 'failed');
    },
  ));

test.run();
