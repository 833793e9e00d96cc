// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { everyRowAccountedFor } from '../support/load.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { sleepingBackends, until } from '../support/wait.ts';

const test = suite('timeouts and retries');

const config = (settings: string) =>
  `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, ${settings} });`;

const seeds = { 'seeds/people.csv': 'id\n1\n' };

type Told = Record<string, any>[];
const named = (events: Told, event: string, node?: string) =>
  events.filter((one) => one.event === event && (node === undefined || one.node === node));

/** Runs a command while something happens to it; its events. */
async function during(project: TestProject, args: string[], work: () => Promise<void>): Promise<Told> {
  const told = project.events(...args);
  await work();
  return told;
}

const attempts = async ({ sql }: TestProject, node: string) => {
  const [row] = await sql<{ attempts: number; status: string }[]>`
    select attempts, status from medallion.run_nodes where node = ${node} order by run_id desc limit 1`;
  return [row!.status, row!.attempts];
};

test('a model whose connection is killed is built again, on a new connection', () =>
  withProject(
    {
      'seeds/people.csv': 'id\n1\n2\n',
      // It sleeps until somebody has ended its connection once.
      'models/silver/people.sql': `/*---
retries: 2
retry_delay: 1 ms
primary_key: id
columns: { id: int }
tests: [ { row_count: { equals: 2 } } ]
---*/
select id::int as id from {{ref "bronze.people"}} where (select case when killed then '' else pg_sleep(60)::text end from public.switch) is not null`,
      'models/gold/people.sql': 'select id from {{ref "silver.people"}}',
    },
    async (project) => {
      await project.sql`create table public.switch as select false as killed`;
      const events = await during(project, ['build', '--threads', '1'], async () => {
        const [pid] = await sleepingBackends(project.sql);
        await project.sql`update public.switch set killed = true`;
        await project.sql`select pg_terminate_backend(${pid!})`;
      });
      const [retried] = named(events, 'node.retried');
      assert.equal(
        [retried!.node, retried!.attempt, retried!.error.code, retried!.waitMs],
        ['silver.people', 2, 'MDL2006', 1],
      );
      assert.is(named(events, 'node.retried').length, 1);
      const [finished] = named(events, 'model.finished', 'silver.people');
      assert.equal([finished!.status, finished!.rows, finished!.tests.length], ['succeeded', 2, 1]);
      assert.is(named(events, 'model.started', 'silver.people').length, 2, 'at each attempt');
      assert.is(events.at(-1)!.status, 'succeeded');
      assert.equal(await attempts(project, 'silver.people'), ['succeeded', 2]);
      assert.equal(await attempts(project, 'gold.people'), ['succeeded', 1]);
      assert.is((await project.sql`select from gold.people`).count, 2);
    },
  ));

test('a load whose connection is killed goes on after its last committed batch', () =>
  withProject(
    {
      'medallion.config.ts': config(
        `bronze: { people: { from: 'loja.people', load: 'append', batchRows: 10, retries: 3, retryDelay: '1 ms' } }`,
      ),
      'seeds/people.csv': `id\n${Array.from({ length: 60 }, (_, i) => i).join('\n')}\n`,
    },
    async (project) => {
      assert.is((await project.mdl('load')).code, 0);
      project.write('seeds/people.csv', `id\n${Array.from({ length: 90 }, (_, i) => i).join('\n')}\n`);
      // Batches from the fourth on wait for this lock: three have been committed then.
      await project.sql.unsafe(`
        create function public.wait() returns trigger language plpgsql as $$
          begin if new.batch >= 4 then perform pg_advisory_xact_lock(1); end if; return new; end $$;
        create trigger wait before insert on medallion.load_batches for each row execute function public.wait()`);
      const held = await project.sql.reserve();
      await held`select pg_advisory_lock(1)`;
      const events = await during(project, ['load'], async () => {
        let pid: number | undefined;
        await until(async () => {
          const [row] = await project.sql<{ pid: number }[]>`
            select pid from pg_stat_activity where datname = current_database() and wait_event = 'advisory' and application_name like 'mdl-run:%'`;
          pid = row?.pid;
          return pid !== undefined;
        });
        await project.sql`select pg_terminate_backend(${pid!})`;
        await held`select pg_advisory_unlock(1)`;
      });
      held.release();
      assert.is(named(events, 'node.retried', 'bronze.people').length, 1);
      assert.is(named(events, 'load.started').length, 2, 'at each attempt');
      const [finished, ...more] = named(events, 'load.finished');
      assert.equal([finished!.status, finished!.read, more.length], ['succeeded', 90, 0]);
      assert.match(
        named(events, 'notice')
          .map(({ message }) => message)
          .join('\n'),
        /Going on after 30 rows/,
      );
      assert.equal(await attempts(project, 'bronze.people'), ['succeeded', 2]);
      assert.is((await project.sql`select from bronze.people`).count, 150);
      await everyRowAccountedFor(project);
    },
  ));

test('deadlocks, serialization failures and locks that are not to be had are tried again; what fails for good is not', () =>
  withProject(
    {
      'medallion.config.ts': config(
        `retries: 1, retryDelay: '1 ms', layers: { silver: {}, gold: { retries: 3 } }`,
      ),
      'seeds/people.csv': 'id\n1\n',
      'models/silver/wrong.sql': 'select 1 / 0 as id',
      'models/silver/busy.sql': `select public.fail('busy', '55P03', 1) as tries`,
      'models/silver/often.sql': `select public.fail('often', '40001', 2) as tries`,
      'models/gold/deadlock.sql': `/*---
retry_delay: 2 ms
---*/
select public.fail('deadlock', '40P01', 3) as tries`,
      'models/gold/tested.sql': `/*---
columns: { id: { type: int, tests: [ { expression: "public.fail('tested', '53300', 2) > 0" } ] } }
---*/
select 1 as id`,
      'tests/single.sql': `select 1 where public.fail('single', '40001', 1) < 0`,
    },
    async (project) => {
      // What a sequence counts is not undone.
      await project.sql.unsafe(`
        create sequence public.busy; create sequence public.often; create sequence public.deadlock; create sequence public.tested; create sequence public.single;
        create function public.fail(counter text, state text, times int) returns int language plpgsql volatile as $$
          declare tries int := nextval('public.' || counter);
          begin if tries <= times then raise exception 'not now' using errcode = state; end if; return tries; end $$`);
      const events = await project.events('build');
      const retried = named(events, 'node.retried').map(({ node, waitMs }) => `${node} ${waitMs}`);
      assert.equal(retried.sort(), [
        ...['gold.deadlock 2', 'gold.deadlock 4', 'gold.deadlock 8', 'gold.tested 1'],
        ...['silver.busy 1', 'silver.often 1', 'test.single 1'],
      ]);
      const status = (node: string) => named(events, 'model.finished', node)[0]!.status;
      assert.equal(
        ['silver.wrong', 'silver.busy', 'silver.often', 'gold.deadlock', 'gold.tested'].map(status),
        ['failed', 'succeeded', 'failed', 'succeeded', 'succeeded'],
      );
      assert.is(named(events, 'model.finished', 'silver.often')[0]!.error.postgres.sqlstate, '40001');
      assert.is(named(events, 'test.finished', 'test.single')[0]!.results[0].status, 'passed');
      assert.equal(await attempts(project, 'gold.deadlock'), ['succeeded', 4]);
      const { stdout } = await project.mdl('build');
      assert.not.match(stdout, 'again', 'the counters are through');
    },
  ));

/** What may pass, and what would be the same a moment later. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const states = {
  passing: '08000 08006 25P03 40001 40003 40P01 53000 53200 53300 55P03 57P01 57P02 57P03 57P05'.split(' '),
  final: '21000 22012 23505 25006 42501 42P01 53100 53400 54000 55000 57014 57P04 58030 P0001 XX000'.split(
    ' ',
  ),
};

test('each state of Postgres: what may pass is tried again, all else is not', () => {
  const all = [...states.passing, ...states.final];
  const model = (state: string) => [
    `models/silver/${state.toLowerCase()}.sql`,
    `select public.fail_once('${state}') as id`,
  ];
  return withProject(
    {
      'medallion.config.ts': config(`retries: 1, retryDelay: '1 ms'`),
      'seeds/people.csv': 'id\n1\n',
      ...Object.fromEntries(all.map(model)),
    },
    async (project) => {
      await project.sql.unsafe(`
        ${all.map((state) => `create sequence public."${state}"`).join(';')};
        create function public.fail_once(state text) returns int language plpgsql volatile as $$
          declare tries int := nextval(format('public.%I', state));
          begin if tries = 1 then raise exception 'not now' using errcode = state; end if; return tries; end $$`);
      const events = await project.events('build');
      assert.is(events.at(-1)!.status, 'failed');
      const told = new Map(
        named(events, 'model.finished').map(({ node, status }) => [
          node,
          `${status} ${1 + named(events, 'node.retried', node).length}`,
        ]),
      );
      const node = (state: string) => `silver.${state.toLowerCase()}`;
      for (const state of states.passing) assert.is(told.get(node(state)), 'succeeded 2', state);
      for (const state of states.final) assert.is(told.get(node(state)), 'failed 1', state);
    },
  );
});

test('while a node waits for its retry another has its thread', () =>
  withProject(
    {
      ...seeds,
      'models/silver/a_first.sql': `/*---
retries: 1
retry_delay: 300 ms
---*/
select public.fail() as tries`,
      'models/silver/z_last.sql': 'select 1 as id',
    },
    async (project) => {
      await project.sql.unsafe(`
        create sequence public.counter;
        create function public.fail() returns int language plpgsql volatile as $$
          declare tries int := nextval('public.counter');
          begin if tries = 1 then raise exception 'not now' using errcode = '40001'; end if; return tries; end $$`);
      const events = await project.events('build', '--threads', '1');
      assert.equal(
        events
          .filter(({ event }) => ['node.retried', 'model.finished'].includes(event))
          .map(({ event, node }) => `${event} ${node}`),
        ['node.retried silver.a_first', 'model.finished silver.z_last', 'model.finished silver.a_first'],
      );
      assert.is(events.at(-1)!.status, 'succeeded');
    },
  ));

test('a model that takes longer than its timeout fails by name, and is not tried again; others are published', () =>
  withProject(
    {
      'medallion.config.ts': config(
        `layers: { silver: { timeout: '100 ms', retries: 2, retryDelay: '1 ms' }, gold: {} }`,
      ),
      ...seeds,
      'models/silver/slow.sql': 'select pg_sleep(60)::text as slept',
      'models/silver/patient.sql': `/*---
timeout: 1 h
---*/
select pg_sleep(0.3)::text as slept`,
      'models/gold/tested.sql': `/*---
timeout: 250 ms
columns: { id: { type: int, tests: [ { expression: "pg_sleep(60)::text = ''" } ] } }
---*/
select 1 as id`,
    },
    async (project) => {
      const events = await project.events('build', '--publish', 'passing');
      assert.is(named(events, 'node.retried').length, 0);
      const [slow] = named(events, 'model.finished', 'silver.slow');
      assert.equal([slow!.status, slow!.error.code], ['failed', 'MDL5101']);
      assert.is(slow!.error.message, 'silver.slow took longer than 100 ms, its timeout.');
      const [tested] = named(events, 'model.finished', 'gold.tested');
      assert.equal(
        [tested!.error.code, tested!.error.message],
        ['MDL5101', 'gold.tested took longer than 250 ms, its timeout.'],
      );
      assert.is(named(events, 'model.finished', 'silver.patient')[0]!.status, 'succeeded');
      assert.equal(named(events, 'publish.finished')[0]!.nodes, ['silver.patient']);
      assert.equal([events.at(-1)!.status, events.at(-1)!.counts.failed], ['failed', 2]);
    },
  ));

test('a load that takes longer than its timeout fails by name; the next goes on where it was', () =>
  withProject(
    {
      'medallion.config.ts': `import { defineConfig, defineSource } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, threads: 1,
  sources: { s: defineSource({ kind: 'slow', tables: ['a'], open: () => ({ origin: 'slow', columns: ['id'], read: async function* ({ signal }) {
    yield { rows: [{ id: 1 }] };
    if (process.env.SLOW) await new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
    yield { rows: [{ id: 2 }] };
  } }) }) },
  bronze: { a: { from: 's.a', timeout: process.env.SLOW ? '200 ms' : '10min', retries: 2, retryDelay: '1 ms' } } });`,
    },
    async (project) => {
      process.env.SLOW = '1';
      const events = await project.events('load');
      delete process.env.SLOW;
      const [finished] = named(events, 'load.finished');
      assert.equal(
        [finished!.status, finished!.error.code, finished!.error.message],
        ['failed', 'MDL5101', 'bronze.a took longer than 200 ms, its timeout.'],
      );
      assert.is(named(events, 'node.retried').length, 0);
      const [left] = await project.sql`select status from medallion.loads`;
      assert.is(left!.status, 'failed');
      assert.is((await project.mdl('load')).code, 0);
      assert.is((await project.sql`select from bronze.a`).count, 2);
    },
  ));

test('settings that are wrong are told where they stand', () =>
  withProject(
    { ...seeds, 'models/silver/a.sql': '/*---\nretryDelay: 10 s\n---*/\nselect 1 as id' },
    async (project) => {
      const { code, stderr } = await project.mdl('compile');
      assert.is(code, 2);
      assert.match(stderr, /MDL1202[\s\S]*retry_delay/);
    },
  ));

test.run();
