// core, pooled: runs on every server, and through a transaction pooler
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

const test = suite('triggers on every server');
const isPooled = process.env.MDL_TEST_MDL_URL !== process.env.MDL_TEST_URL;

const files = (triggers: string) => ({
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, triggers: ${triggers} });`,
  'seeds/people.csv': 'id\n1\n',
});

test('a file fires, and what is written down is found', () =>
  withProject(files(`{ seeds: { files: 'seeds/*.csv', debounce: '10 ms' } }`), async (project) => {
    const daemon = project.spawn('schedule', '--json');
    let told = '';
    daemon.stdout!.on('data', (chunk) => (told += chunk));
    await until(() => told.includes('"trigger.finished"'));
    daemon.kill('SIGINT');
    assert.is((await once(daemon, 'exit'))[0], 0);
    const [run] = await project.sql`select cause, status from medallion.runs`;
    assert.equal({ ...run }, { cause: 'trigger seeds', status: 'succeeded' });
  }));

test('a channel can be listened to, or it is said that it cannot', () =>
  withProject(files(`{ people: { listen: 'people', debounce: '10 ms' } }`), async (project) => {
    const daemon = project.spawn('schedule', '--json');
    let told = '';
    let refused = '';
    daemon.stdout!.on('data', (chunk) => (told += chunk));
    daemon.stderr!.on('data', (chunk) => (refused += chunk));
    if (isPooled) {
      assert.is((await once(daemon, 'close'))[0], 2);
      assert.match(told + refused, /MDL5102[\s\S]*people/);
      return;
    }
    await until(() => told.includes('"trigger.watching"'));
    await project.sql.notify('people', '');
    await until(() => told.includes('"trigger.finished"'));
    daemon.kill('SIGINT');
    assert.is((await once(daemon, 'exit'))[0], 0);
  }));

test.run();
