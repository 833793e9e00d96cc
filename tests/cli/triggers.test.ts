// in one process
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runDaemon } from '../../dist/orchestrate/daemon.js';
import type { DaemonEvent, TriggerEvent } from '../../dist/orchestrate/events.js';
import { FakeClock } from '../support/clock.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { sleepingBackends, until } from '../support/wait.ts';

const test = suite('triggers');
const start = Date.parse('2026-01-01T00:00:30Z');
const secret = 'a secret of the webhook'.replaceAll(' ', '-');

const files = (triggers: string, more = '') => ({
  'medallion.config.ts': `import { csv, defineConfig, files } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, layers: { gold: {} }, triggers: ${triggers}, ${more}
  sources: { loja: csv({ dir: 'seeds' }), inbox: files({ tables: { orders: 'inbox/*.csv' } }) } });`,
  'seeds/people.csv': 'id\n1\n',
  'inbox/first.csv': 'id\n1\n',
  'models/gold/people.sql': 'select id from {{ref "bronze.people"}}',
  'models/gold/orders.sql': 'select count(*) as orders from {{ref "bronze.orders"}}',
});

interface Daemon {
  readonly events: DaemonEvent[];
  /** What triggers told, in short; with the selection of the runs. */
  told(kind?: string): string[];
  stop(): Promise<void>;
}

function startDaemon(project: TestProject, clock: FakeClock): Daemon {
  process.env.DATABASE_URL = project.url;
  const events: DaemonEvent[] = [];
  const ending = new AbortController();
  const ended = runDaemon({
    project: { dir: project.dir },
    emit: (event) => events.push(event),
    signal: ending.signal,
    clock,
  });
  return {
    events,
    told: (kind) =>
      events
        .filter((event): event is TriggerEvent => 'trigger' in event)
        .filter(({ event }) => !kind || event === `trigger.${kind}`)
        .map((event) => `${event.trigger} ${'status' in event ? event.status : event.event.split('.')[1]}`),
    async stop() {
      ending.abort();
      await ended;
    },
  };
}

/** Lets time pass in small steps until it has happened. */
async function passUntil(clock: FakeClock, happened: () => boolean | Promise<boolean>): Promise<void> {
  await until(async () => {
    if (await happened()) return true;
    clock.advance(500);
    return false;
  });
}

const watching = (daemon: Daemon, count = 1) => until(() => daemon.told('watching').length === count);
const finished = (daemon: Daemon, clock: FakeClock, count: number) =>
  passUntil(clock, () => daemon.told('finished').length >= count);

const causes = async ({ sql }: TestProject) =>
  (
    await sql<{ line: string }[]>`
      select cause || ': ' || coalesce(selection, 'all') || ', ' || status as line from medallion.runs order by run_id`
  ).map(({ line }) => line);

/** Nothing more comes, however long one waits. */
async function nothingMore(daemon: Daemon, clock: FakeClock, count: number): Promise<void> {
  for (let i = 0; i < 20; i++) {
    clock.advance(2000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.is(daemon.told('begun').length, count);
}

test('notifications of a channel: several become one run, those of its time one more', () =>
  withProject(
    files(`{ changed: { listen: 'Pedidos', source: 'loja', command: 'build' } }`),
    async (project) => {
      const clock = new FakeClock(start);
      const daemon = startDaemon(project, clock);
      await watching(daemon);
      // Each of them is written down by a statement of its own, which may come late: then it would be one of the time after.
      let fired = 0;
      await project.sql.listen('medallion_triggers', () => fired++);
      for (let i = 0; i < 5; i++) await project.sql.notify('Pedidos', String(i));
      await project.sql.notify('pedidos', 'another channel');
      await until(() => fired === 5 && daemon.told('fired').length === 1);
      await finished(daemon, clock, 1);
      await nothingMore(daemon, clock, 1);
      project.write(
        'models/gold/people.sql',
        `select pg_sleep(60)::text as slept, id from {{ref "bronze.people"}}`,
      );
      await project.sql.notify('Pedidos', '');
      await passUntil(clock, () => daemon.told('begun').length === 2);
      const [pid] = await sleepingBackends(project.sql);
      for (let i = 0; i < 3; i++) await project.sql.notify('Pedidos', String(i));
      project.write('models/gold/people.sql', 'select id from {{ref "bronze.people"}}');
      await until(() => fired === 9);
      await project.sql`select pg_cancel_backend(${pid!})`;
      await finished(daemon, clock, 3);
      await nothingMore(daemon, clock, 3);
      await daemon.stop();
      assert.equal(
        (await causes(project)).map((line) => line.replace(/, .*/, '')),
        Array(3).fill('trigger changed: source:loja+'),
      );
      const nodes = await project.sql`select distinct node from medallion.run_nodes order by 1`;
      assert.equal(
        nodes.map(({ node }) => node),
        ['bronze.people', 'gold.people'],
      );
      const [state] = await project.sql`select status, run_id::int from medallion.triggers`;
      assert.equal({ ...state }, { status: 'succeeded', run_id: 3 });
    },
  ));

test('connections of the daemon that are lost are replaced: what may have been told meanwhile fires once', () =>
  withProject(files(`{ a: { listen: 'a', source: 'loja' } }`), async (project) => {
    const clock = new FakeClock(start);
    const daemon = startDaemon(project, clock);
    await watching(daemon);
    const { count } = await project.sql`
      select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'mdl schedule'`;
    assert.ok(count > 1, 'one to ask, one to listen');
    await finished(daemon, clock, 1);
    await project.sql.notify('a', '');
    await finished(daemon, clock, 2);
    await nothingMore(daemon, clock, 2);
    await daemon.stop();
    assert.equal(await causes(project), Array(2).fill('trigger a: source:loja+, succeeded'));
  }));

test('a file fires when it is complete, and once: also after a restart, and with several daemons', () =>
  withProject(
    files(`{ inbox: { files: 'inbox/*.csv', source: 'inbox', debounce: '1 s' } }`),
    async (project) => {
      const clock = new FakeClock(start);
      const daemons = [startDaemon(project, clock), startDaemon(project, clock)];
      const told = (kind: string) => daemons.flatMap((daemon) => daemon.told(kind));
      const runs = (count: number) => passUntil(clock, () => told('finished').length >= count);
      const orders = async () => (await project.sql`select orders::int from gold.orders`)[0]!.orders;
      await Promise.all(daemons.map((daemon) => watching(daemon)));
      await runs(1);
      assert.is(await orders(), 1, 'what was there before was not seen by anybody');
      const path = join(project.dir, 'inbox', 'second.csv');
      writeFileSync(path, 'id\n');
      // It grows: it is not complete.
      for (let i = 0; i < 5; i++) {
        appendFileSync(path, `${i}\n`);
        clock.advance(900);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await runs(2);
      assert.is(await orders(), 6);
      writeFileSync(join(project.dir, 'inbox', 'not-yet.csv.part'), 'id\n1\n');
      for (let i = 0; i < 10; i++) {
        clock.advance(5000);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.is(told('begun').length, 2);
      await Promise.all(daemons.map((daemon) => daemon.stop()));
      // Nobody is there; the next one finds what has come, and nothing else.
      appendFileSync(path, '5\n');
      const next = startDaemon(project, clock);
      await finished(next, clock, 1);
      assert.is(await orders(), 7);
      await nothingMore(next, clock, 1);
      await next.stop();
      const last = startDaemon(project, clock);
      await watching(last);
      await nothingMore(last, clock, 0);
      await last.stop();
      assert.equal(await causes(project), Array(3).fill('trigger inbox: source:inbox+, succeeded'));
    },
  ));

test('a folder that is not there yet is waited for', () =>
  withProject(files(`{ late: { files: 'drop/**/*.json', select: ['bronze.people'] } }`), async (project) => {
    const clock = new FakeClock(start);
    const daemon = startDaemon(project, clock);
    await watching(daemon);
    clock.advance(20_000);
    mkdirSync(join(project.dir, 'drop/day'), { recursive: true });
    writeFileSync(join(project.dir, 'drop/day/a.json'), '{}');
    await finished(daemon, clock, 1);
    await daemon.stop();
  }));

test('what was running when its daemon was killed is run once more, or taken up where it stopped; what nobody had begun is not forgotten', async () => {
  for (const [onCrash, expected] of [
    ['rerun', ['a crashed', 'a begun', 'a succeeded', 'a fired', 'a begun', 'a succeeded']],
    ['resume', ['a crashed', 'a begun', 'a succeeded', 'a fired', 'a begun', 'a succeeded']],
    ['skip', ['a crashed', 'a fired', 'a begun', 'a succeeded']],
  ] as const)
    await withProject(
      files(`{ a: { listen: 'a', source: 'loja', onCrash: '${onCrash}' } }`),
      async (project) => {
        project.write(
          'models/gold/people.sql',
          `select pg_sleep(60)::text as slept, id from {{ref "bronze.people"}}`,
        );
        const child = project.spawn('schedule', '--json');
        let told = '';
        child.stdout!.on('data', (chunk) => (told += chunk));
        await until(() => told.includes('trigger.watching'));
        await project.sql.notify('a', '');
        await sleepingBackends(project.sql);
        // Once it is known that the load is done, a run can be taken up behind it.
        await until(
          async () =>
            (await project.sql`select from medallion.run_nodes where node = 'bronze.people'`).count === 1,
        );
        await project.sql.notify('a', '');
        await until(
          async () =>
            (await project.sql`select from medallion.triggers where fired_at > begun_at`).count === 1,
        );
        child.kill('SIGKILL');
        await once(child, 'exit');
        project.write('models/gold/people.sql', 'select id from {{ref "bronze.people"}}');
        // Once more, so that it is later than what is taken up.
        const clock = new FakeClock(start);
        const daemon = startDaemon(project, clock);
        await watching(daemon);
        await passUntil(clock, () => daemon.told('finished').length >= 1);
        if (onCrash !== 'skip') await project.sql.notify('a', '');
        await finished(daemon, clock, onCrash === 'skip' ? 1 : 2);
        await daemon.stop();
        assert.equal(
          daemon.told().filter((line) => line !== 'a watching'),
          expected,
        );
        const [second] = await project.sql`select retry_of::int, cause from medallion.runs where run_id = 2`;
        assert.equal({ ...second }, { retry_of: onCrash === 'resume' ? 1 : null, cause: 'trigger a' });
        const loads = await project.sql`select from medallion.loads where run_id = 2`;
        assert.is(loads.count, onCrash === 'resume' ? 0 : 1);
      },
    );
});

test('a run that its daemon is told to end is not forgotten either', () =>
  withProject(files(`{ a: { listen: 'a', source: 'loja' } }`), async (project) => {
    project.write(
      'models/gold/people.sql',
      `select pg_sleep(60)::text as slept, id from {{ref "bronze.people"}}`,
    );
    const clock = new FakeClock(start);
    const before = startDaemon(project, clock);
    await watching(before);
    await project.sql.notify('a', '');
    await passUntil(clock, () => before.told('begun').length === 1);
    await sleepingBackends(project.sql);
    await before.stop();
    assert.is(before.told('finished')[0], 'a interrupted');
    project.write('models/gold/people.sql', 'select id from {{ref "bronze.people"}}');
    const after = startDaemon(project, clock);
    await finished(after, clock, 1);
    await after.stop();
    assert.equal(await causes(project), [
      'trigger a: source:loja+, interrupted',
      'trigger a: source:loja+, succeeded',
    ]);
  }));

const sign = (body: string, key = secret) => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;

test('a webhook: whoever has the secret, and nobody else; the server alone keeps what a daemon elsewhere carries out', () =>
  withProject(
    files(
      `{ push: { webhook: { secret: '${secret}' }, select: ['bronze.people'] }, other: { listen: 'other' } }`,
      'serve: { ui: false, port: 0 },',
    ),
    async (project) => {
      await project.sql.unsafe(
        `do $$ begin create role anon nologin; exception when duplicate_object then null; end $$; grant anon to current_user`,
      );
      const server = project.spawn('serve', '--json');
      let told = '';
      server.stdout!.on('data', (chunk) => (told += chunk));
      server.stderr!.on('data', (chunk) => (told += chunk));
      try {
        await until(() => told.includes('serve.started'));
        const url = JSON.parse(told.split('\n')[0]!).url;
        const post = async (name: string, headers: Record<string, string>, body = '{}', method = 'POST') => {
          const response = await fetch(`${url}/hooks/${name}`, { method, headers, body });
          return [response.status, (await response.json()) as any] as const;
        };
        const fired = async () => {
          const rows =
            await project.sql`select fired_at::text from medallion.triggers where trigger = 'push'`;
          return rows[0]?.fired_at as string | undefined;
        };
        const github = { 'x-hub-signature-256': sign('{}'), 'content-type': 'application/json' };
        for (const [name, headers, body, status, code] of [
          ['push', {}, '{}', 401, 'HOOK401'],
          ['push', { authorization: 'Bearer wrong' }, '{}', 401, 'HOOK401'],
          ['push', { authorization: `Basic ${secret}` }, '{}', 401, 'HOOK401'],
          ['push', { 'x-hub-signature-256': sign('{}', 'another secret, as long') }, '{}', 401, 'HOOK401'],
          ['push', github, '{"other": "body"}', 401, 'HOOK401'],
          // A wrong signature is not made good by a right secret.
          ['push', { ...github, authorization: `Bearer ${secret}` }, '[]', 401, 'HOOK401'],
          ['other', { authorization: `Bearer ${secret}` }, '{}', 404, 'HOOK404'],
          ['nothing', { authorization: `Bearer ${secret}` }, '{}', 404, 'HOOK404'],
        ] as const) {
          const [given, answer] = await post(name, headers as Record<string, string>, body);
          assert.equal([given, answer.code], [status, code], JSON.stringify({ name, headers }));
        }
        const [tooLarge] = await post(
          'push',
          { authorization: `Bearer ${secret}` },
          'x'.repeat(1024 * 1024 + 1),
        );
        assert.is(tooLarge, 413);
        assert.is(await fired().catch(() => undefined), undefined, 'nothing fired');

        assert.equal(await post('push', github), [202, { accepted: true }]);
        const first = await fired();
        assert.ok(first);
        assert.equal(await post('push', { 'x-hub-signature-256': sign('{}') }), [202, { accepted: true }]);
        assert.is(await fired(), first, 'the same once more is nothing new');
        const bytes = 'não é JSON \u0000';
        assert.equal(
          (
            await post(
              'push',
              { 'x-hub-signature-256': sign(bytes).toUpperCase().replace('SHA', 'sha') },
              bytes,
            )
          )[0],
          202,
        );
        assert.is.not(await fired(), first);

        const clock = new FakeClock(start);
        const daemon = startDaemon(project, clock);
        await finished(daemon, clock, 1);
        await nothingMore(daemon, clock, 1);
        assert.equal((await post('push', { authorization: `bearer ${secret}` }, ''))[0], 202);
        await finished(daemon, clock, 2);
        await daemon.stop();
        assert.equal(await causes(project), Array(2).fill('trigger push: bronze.people, succeeded'));

        let last = 0;
        for (let i = 0; i < 12 && last !== 429; i++)
          [last] = await post('push', { authorization: 'Bearer wrong' });
        assert.is(last, 429);
        assert.equal((await post('push', { authorization: `Bearer ${secret}` }))[0], 429);
        assert.not.match(told, secret);
        assert.is((await fetch(`${url}/hooks/push`)).status, 404, 'it is there for POST only');
      } finally {
        server.kill('SIGINT');
        await once(server, 'exit');
      }
    },
  ));

test('mdl serve --schedule carries out what its webhook triggers; mdl schedule says who receives it', () =>
  withProject(
    files(
      `{ push: { webhook: { secret: '${secret}' }, select: ['bronze.people'], debounce: '10 ms' } }`,
      'serve: { port: 0 },',
    ),
    async (project) => {
      await project.sql.unsafe(
        `do $$ begin create role anon nologin; exception when duplicate_object then null; end $$; grant anon to current_user`,
      );
      const server = project.spawn('serve', '--schedule', '--json');
      let told = '';
      server.stdout!.on('data', (chunk) => (told += chunk));
      await until(() => told.includes('trigger.watching'));
      const url = JSON.parse(told.split('\n')[0]!).url;
      const response = await fetch(`${url}/hooks/push`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}` },
      });
      assert.is(response.status, 202);
      await until(() => told.includes('"trigger.finished"'));
      server.kill('SIGINT');
      assert.is((await once(server, 'exit'))[0], 0);
      assert.equal(await causes(project), ['trigger push: bronze.people, succeeded']);
      const daemon = project.spawn('schedule');
      let text = '';
      daemon.stdout!.on('data', (chunk) => (text += chunk));
      await until(() => /push.*POST \/hooks\/push.*mdl serve/.test(text));
      daemon.kill('SIGINT');
      assert.is((await once(daemon, 'exit'))[0], 0);
      const { stdout } = await project.mdl('schedule', '--list');
      assert.match(stdout, /push +webhook +\/hooks\/push/);
      assert.match(stdout, 'push  succeeded, run 1');
    },
  ));

test('settings that are wrong are told with what is right', async () => {
  for (const [triggers, message] of [
    ['{ a: {} }', 'triggers.a: needs one of listen, files and webhook'],
    [`{ a: { listen: 'x', files: 'y' } }`, 'needs one of listen, files and webhook'],
    [
      `{ a: { webhook: { secret: 'too short' } } }`,
      'triggers.a.webhook.secret: must have 16 characters or more',
    ],
    ['{ a: { webhook: { secret: process.env.NO_SUCH } } }', 'triggers.a.webhook.secret: must be set'],
    [`{ a: { listen: 'x', source: 'lojja' } }`, 'loja'],
    [`{ a: { listen: 'x', debouce: '1 s' } }`, 'debounce'],
    [`{ 'a/b': { listen: 'x' } }`, 'must be letters, digits'],
  ] as const)
    await withProject(files(triggers), async (project) => {
      const { code, stderr } = await project.mdl('schedule', '--list');
      assert.is(code, 2, stderr);
      assert.match(stderr, 'MDL1003');
      assert.match(stderr, message);
    });
});

test.run();
