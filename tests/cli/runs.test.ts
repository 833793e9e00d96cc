// core, pooled: how runs are found again, ended from elsewhere and followed differs behind a pooler
// in one process
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestProject, withProject } from '../support/project.ts';
import { hold, until, untilHeld, waitingModel } from '../support/wait.ts';

const test = suite('runs');

const files = {
  'seeds/people.csv': 'id,age\n1,30\n2,40\n',
  'models/silver/people.sql':
    '/*---\nprimary_key: id\ncolumns: { id: int, age: { type: int, tests: [{ between: [0, 120] }] } }\n---*/\nselect id, age from {{ref "bronze.people"}}',
  'models/gold/old.sql': 'select id from {{ref "silver.people"}} where age > 35',
  'models/gold/other.sql': 'select 1 as n',
};
const waiting = { ...files, 'models/gold/slow.sql': waitingModel };

const told = ({ sql }: TestProject, runId: number) =>
  sql<{ seq: number; event: Record<string, any> }[]>`
    select seq, event from medallion.run_events where run_id = ${runId} order by seq`;
const runsOf = async ({ mdl }: TestProject) => JSON.parse((await mdl('runs', '--json')).stdout);

test('what a run tells is kept, in its order, as --json tells it', () =>
  withProject(files, async (project) => {
    const events = await project.events('build');
    const kept = await told(project, 1);
    assert.equal(
      kept.map(({ seq }) => seq),
      kept.map((_, i) => i + 1),
    );
    const isKept = ({ event }: Record<string, any>) => event !== 'load.progress';
    assert.equal(
      kept.map(({ event }) => event).filter(isKept),
      events.map(({ time: _, ...event }) => event).filter(isKept),
    );
    assert.is(kept[0]!.event.event, 'run.started');
    assert.is(kept.at(-1)!.event.event, 'run.finished');
  }));

test('secrets and odd characters in what a run tells', () =>
  withProject(
    { ...files, 'models/gold/bad.sql': `select 'password=hunter2 \\u0000 "quoted"'::int as n` },
    async (project) => {
      const events = await project.events('build');
      const failed = events.find(({ event, node }) => event === 'model.finished' && node === 'gold.bad');
      assert.match(failed!.error.message, 'password=***');
      const stored = JSON.stringify([
        await told(project, 1),
        await project.sql`select error from medallion.run_nodes`,
      ]);
      assert.not.match(stored, 'hunter2');
      assert.match((await project.mdl('runs', 'show', '1')).stdout, 'password=***');
    },
  ));

test('retry does what was left, and nothing that was done', () =>
  withProject({ ...files, 'models/gold/bad.sql': 'select 1/0 as n' }, async (project) => {
    assert.is((await project.mdl('build')).code, 1);
    project.write('models/gold/bad.sql', 'select 1 as n');
    const again = await project.events('runs', 'retry');
    assert.equal([...again[0]!.nodes].sort(), ['gold.bad', 'gold.old', 'gold.other', 'silver.people']);
    assert.is(again.at(-1)!.status, 'succeeded');
    const [run] = await runsOf(project);
    assert.equal([run.retry_of, run.cause, run.command], [1, 'retry', 'build']);
    const refused = await project.mdl('runs', 'retry', '2');
    assert.match(refused.stderr, 'MDL5005');
    assert.is(refused.code, 2);
    assert.match((await project.mdl('runs', 'retry', '99')).stderr, 'MDL5003');

    // What was published in part stays so: the rest follows.
    project.write('models/gold/bad.sql', 'select 1/0 as n');
    assert.is((await project.mdl('build', '--publish', 'passing')).code, 1);
    project.write('models/gold/bad.sql', 'select 2 as n');
    const rest = await project.events('runs', 'retry', '3');
    assert.equal(rest[0]!.nodes, ['gold.bad']);
    assert.equal([...(await project.sql`select n from gold.bad`)], [{ n: 2 }]);
    // A node that has left the project since is no longer wanted.
    project.write('models/gold/bad.sql', 'select 1/0 as n');
    await project.mdl('build', '--publish', 'passing', '--select', 'gold.bad');
    project.write('models/gold/bad.sql', '/*---\nenabled: false\n---*/\nselect 1 as n');
    assert.match((await project.mdl('runs', 'retry')).stderr, 'MDL5005');
  }));

test('a killed run is told as crashed at once, and taken up again', () =>
  withProject(waiting, async (project) => {
    assert.match((await project.mdl('runs', 'retry')).stderr, 'MDL5003');
    const release = await hold(project.sql);
    const build = project.spawn('build');
    await untilHeld(project.sql);
    // What it has told is written down a few times a second.
    await until(async () => (await told(project, 1)).some(({ event }) => event.event === 'load.finished'));
    assert.is((await runsOf(project))[0].status, 'running');
    assert.match((await project.mdl('runs', 'retry')).stderr, 'still goes on');
    build.kill('SIGKILL');
    await once(build, 'close');
    await until(async () => (await runsOf(project))[0].status === 'crashed');
    await release();
    const events = await project.events('runs', 'retry');
    assert.not.ok(events[0]!.nodes.includes('bronze.people'), 'loads that were committed stay');
    assert.is(events.at(-1)!.status, 'succeeded');
    const [row] = await project.sql`select status from medallion.runs where run_id = 1`;
    assert.is(row!.status, 'crashed');
  }));

test('a run is cancelled from elsewhere; what is published stays', () =>
  withProject(waiting, async (project) => {
    const release = await hold(project.sql);
    const build = project.spawn('build', '--json');
    let stdout = '';
    build.stdout!.on('data', (chunk) => {
      stdout += chunk;
    });
    await untilHeld(project.sql);
    const asked = await project.mdl('runs', 'cancel', '1');
    assert.is(asked.code, 0, asked.stderr);
    const [code] = await once(build, 'close');
    assert.is(code, 130);
    const last = JSON.parse(stdout.trim().split('\n').at(-1)!);
    assert.is(last.status, 'interrupted');
    assert.is(last.error.message, 'Cancelled: by mdl runs cancel.');
    const [run] = await runsOf(project);
    assert.equal([run.status, run.error.message], ['interrupted', 'Cancelled: by mdl runs cancel.']);
    await release();
    assert.match((await project.mdl('runs', 'cancel', '1')).stderr, 'MDL5004');
    assert.match((await project.mdl('runs', 'cancel', '7')).stderr, 'MDL5003');
    assert.is((await project.mdl('runs', 'cancel')).code, 2);
  }));

test('runs are followed, whoever carries them out', () =>
  withProject(waiting, async (project) => {
    const follower = project.spawn('runs', '--follow', '--json');
    const heard: Record<string, any>[] = [];
    createInterface({ input: follower.stdout! }).on('line', (line) => heard.push(JSON.parse(line)));
    const release = await hold(project.sql);
    const build = project.spawn('build');
    await until(() => heard.some(({ event, node }) => event === 'model.started' && node === 'gold.slow'));
    await release();
    await once(build, 'close');
    await until(() => heard.some(({ event }) => event === 'run.finished'));
    const kept = await told(project, 1);
    assert.equal(
      heard.map(({ time: _, ...event }) => event),
      kept.map(({ event }) => event),
    );
    project.write('seeds/people.csv', 'id,age\n1,300\n');
    await project.mdl('build');
    await until(() => heard.filter(({ event }) => event === 'run.finished').length === 2);
    follower.kill('SIGINT');
    const [code] = await once(follower, 'close');
    assert.is(code, 0);
    // One run, as it was, with its exit code.
    const one = await project.mdl('runs', 'show', '2', '--follow');
    assert.is(one.code, 1);
    assert.match(one.stdout, /FAIL {4}silver\.people[\s\S]*Nothing was published/);
    assert.match((await project.mdl('runs', 'show', '9', '--follow')).stderr, 'MDL5003');
  }));

test.run();
