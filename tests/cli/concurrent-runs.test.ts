// core, pooled: runs on every server
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withShop } from '../support/shop.ts';
import { hold, sleepingBackends, until, untilHeld, waitingModel } from '../support/wait.ts';

const test = suite('concurrent runs');

test('two builds at once: the second waits, or fails at once with --no-wait', () =>
  withShop({ 'models/gold/slow.sql': waitingModel }, async (project) => {
    const letGo = await hold(project.sql);
    const first = project.mdl('build');
    await untilHeld(project.sql);
    const refused = await project.mdl('build', '--no-wait');
    assert.is(refused.code, 1);
    assert.match(refused.stdout, /MDL5001 Another run is going on: run 1 \(mdl build/);
    const second = project.spawn('build');
    let output = '';
    second.stdout!.on('data', (chunk) => (output += chunk));
    const ended = new Promise<number | null>((resolve) => second.on('close', resolve));
    await until(() => output.includes('Waiting for another run to end'));
    await letGo();
    assert.is((await first).code, 0);
    assert.is(await ended, 0, output);
  }));

test('Ctrl-C cancels the statements, publishes nothing and exits with 130', () =>
  withShop({ 'models/gold/slow.sql': 'select 1 as x from pg_sleep(60)' }, async (project) => {
    const child = project.spawn('build');
    let output = '';
    child.stdout!.on('data', (chunk) => (output += chunk));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await sleepingBackends(project.sql);
    const started = Date.now();
    child.kill('SIGINT');
    assert.is(await ended, 130, output);
    assert.ok(Date.now() - started < 10_000, 'it ended without waiting for the statement');
    assert.match(output, 'Interrupted, nothing published: nothing has been published before.');
    assert.is((await project.sql`select to_regclass('silver.people') as t`)[0]!.t, null);
    assert.is((await project.sql`select status from medallion.runs`)[0]!.status, 'interrupted');
    assert.is((await project.sql`select from pg_namespace where nspname like 'mdl_stage%'`).count, 0);
  }));

test.run();
