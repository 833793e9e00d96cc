// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, changedGold, config, dev, files } from '../support/environments.ts';
import { withProject } from '../support/project.ts';

const test = suite('state: in selections');

test('state:modified and state:new select what differs from what is published', () =>
  withProject(files, async (project) => {
    const names = async (...args: string[]) =>
      (await project.mdl('ls', '--output', 'name', ...args)).stdout.trim().split('\n').filter(Boolean).sort();
    assert.equal((await names('state:new')).length, 5);
    await built(project);
    assert.equal(await names('state:modified'), []);
    project.write('models/gold/by_city.sql', changedGold);
    project.write('models/gold/more.sql', 'select 1 as one');
    assert.equal(await names('state:modified'), ['gold.by_city', 'gold.more']);
    assert.equal(await names('state:new', ...dev), ['gold.more']);
    assert.equal(await names('state:modified+', '--exclude', 'state:new test.sum'), [
      'gold.by_city',
      'gold.shown',
    ]);
    const wrong = await project.mdl('ls', 'state:old');
    assert.is(wrong.code, 2);
    assert.match(wrong.stderr, 'MDL1005');
    const { stdout } = await project.mdl('ls', ...dev, '--output', 'json', 'gold.by_city', 'silver.people');
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(
      rows.map(({ target, why }) => [target, why]),
      [
        ['prod', undefined],
        ['dev', 'sql changed'],
      ],
    );
    assert.equal(Object.keys((await built(project, undefined, { select: ['state:modified'] })).reasons), [
      'gold.by_city',
      'gold.more',
    ]);
    const nothing = await built(project, undefined, { select: ['state:modified'] });
    assert.equal([nothing.reasons, nothing.loads], [{}, []]);
  }));

test('an environment that cannot be is refused', () =>
  withProject(files, async (project) => {
    for (const targets of [
      `{ dev: { from: 'prot' }, prod: {} }`,
      `{ dev: { from: 'dev' } }`,
      `{ dev: { from: 'old' }, old: { from: 'default' } }`,
      `{ dev: { from: 'default', database: 'postgres://elsewhere/db' } }`,
      `{ dev: { from: 'default', schemas: 'dev' } }`,
      `{ dev: { schemas: 'dev_{schema}' } }`,
      `{ dev: { grants: true } }`,
      `{ dev: { from: 'default', schemas: '{schema}' } }`,
      `{ dev: { from: 'default', schemas: 'd_{schema}' }, ana: { from: 'default', schemas: 'd_{schema}' } }`,
      `{ dev: { from: 'default', schemas: '{schema}${'x'.repeat(60)}' } }`,
    ]) {
      project.write('medallion.config.ts', config(targets));
      const { code, stderr } = await project.mdl('ls', ...dev);
      assert.is(code, 2, targets);
      assert.match(stderr, 'MDL1009');
    }
    // Without --target, what is no environment is built.
    project.write('medallion.config.ts', config(`{ dev: { from: 'default' } }`));
    await built(project);
    assert.equal((await built(project, 'dev')).notices, [
      'dev: nothing differs from default; 4 are read from there.',
    ]);
  }));

test.run();
