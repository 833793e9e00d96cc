// in one process
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../dist/orchestrate/clock.js';
import { runDaemon } from '../../dist/orchestrate/daemon.js';
import type { ScheduleEvent } from '../../dist/orchestrate/events.js';
import { FakeClock } from '../support/clock.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { sleepingBackends, until } from '../support/wait.ts';

const test = suite('schedule');
const start = Date.parse('2026-01-01T00:00:30Z');
const minute = 60_000;

const config = (schedule: string) =>
  `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, layers: { gold: {} }, schedule: ${schedule} });`;
const files = (schedule: string) => ({
  'medallion.config.ts': config(schedule),
  'seeds/people.csv': 'id\n1\n',
  'models/gold/people.sql': 'select id from {{ref "bronze.people"}}',
});

interface Daemon {
  readonly events: ScheduleEvent[];
  /** The names of what its runs told. */
  readonly runs: string[];
  /** What has been told, in short. */
  told(kind?: string): string[];
  stop(): Promise<void>;
}

function startDaemon(project: TestProject, clock: Clock): Daemon {
  process.env.DATABASE_URL = project.url;
  const events: ScheduleEvent[] = [];
  const runs: string[] = [];
  const ending = new AbortController();
  const ended = runDaemon({
    project: { dir: project.dir },
    emit: (event) => events.push(event as ScheduleEvent),
    emitRun: ({ event }) => runs.push(event),
    signal: ending.signal,
    clock,
    random: () => 0,
  });
  return {
    events,
    runs,
    told: (kind) =>
      events
        .filter(({ event }) => event !== 'schedule.waiting' && (!kind || event === `schedule.${kind}`))
        .map((event) => {
          const at = 'due' in event ? event.due : 'at' in event ? event.at : '';
          const what =
            'status' in event ? event.status : 'reason' in event ? event.reason : event.event.split('.')[1];
          return `${event.schedule} ${at.slice(11, 16)} ${what}`;
        }),
    async stop() {
      ending.abort();
      await ended;
    },
  };
}

const history = async ({ sql }: TestProject) =>
  (
    await sql<{ line: string }[]>`
      select schedule || ' ' || to_char(due at time zone 'UTC', 'HH24:MI') || ' ' || status || ' ' || attempts as line
        from medallion.occurrences order by schedule, due`
  ).map(({ line }) => line);

/** Waits until so many occurrences have been seen to, and the daemon waits for the next. */
const seenTo = (daemon: Daemon, clock: FakeClock, count: number) =>
  until(
    () =>
      daemon.told('finished').length >= count &&
      clock.isWaitedFor &&
      daemon.events.at(-1)?.event === 'schedule.waiting',
  );

test('each minute once; what came due while nobody was there is made up for by one run', () =>
  withProject(files(`{ cron: '* * * * *' }`), async (project) => {
    const clock = new FakeClock(start);
    const first = startDaemon(project, clock);
    await until(() => clock.isWaitedFor);
    assert.equal(await history(project), [], 'what came before it was there is none of its business');
    for (let i = 1; i <= 2; i++) {
      clock.advance(minute);
      await seenTo(first, clock, i);
    }
    await first.stop();
    clock.advance(3 * minute);
    const second = startDaemon(project, clock);
    await seenTo(second, clock, 1);
    clock.advance(minute);
    await seenTo(second, clock, 2);
    await second.stop();
    assert.equal(await history(project), [
      ...['schedule 00:01 succeeded 1', 'schedule 00:02 succeeded 1', 'schedule 00:03 missed 0'],
      ...['schedule 00:04 missed 0', 'schedule 00:05 succeeded 1', 'schedule 00:06 succeeded 1'],
    ]);
    const [runs] =
      await project.sql`select count(*)::int as count from medallion.runs where status = 'succeeded'`;
    assert.is(runs!.count, 4);
  }));

test('catch up with all of it, or with none', async () => {
  for (const [policy, expected] of [
    ['all', ['schedule 00:01 succeeded 1', 'schedule 00:02 succeeded 1', 'schedule 00:03 succeeded 1']],
    ['none', ['schedule 00:01 succeeded 1', 'schedule 00:02 missed 0', 'schedule 00:03 missed 0']],
  ] as const)
    await withProject(files(`{ cron: '* * * * *', catchUp: '${policy}' }`), async (project) => {
      const clock = new FakeClock(start);
      const first = startDaemon(project, clock);
      await until(() => clock.isWaitedFor);
      clock.advance(minute);
      await seenTo(first, clock, 1);
      await first.stop();
      clock.advance(2 * minute);
      const second = startDaemon(project, clock);
      await seenTo(second, clock, policy === 'all' ? 2 : 0);
      await second.stop();
      assert.equal(await history(project), expected);
    });
});

test('of several daemons each occurrence is run by one', () =>
  withProject(files(`{ cron: '* * * * *' }`), async (project) => {
    const clock = new FakeClock(start);
    const daemons = [startDaemon(project, clock), startDaemon(project, clock), startDaemon(project, clock)];
    await until(() => daemons.every(({ events }) => events.length > 0));
    for (let i = 1; i <= 3; i++) {
      clock.advance(minute);
      await until(() => daemons.flatMap((daemon) => daemon.told('finished')).length === i);
      await until(() => daemons.every(({ events }) => events.at(-1)?.event === 'schedule.waiting'));
    }
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    assert.equal(await history(project), [
      ...['schedule 00:01 succeeded 1', 'schedule 00:02 succeeded 1', 'schedule 00:03 succeeded 1'],
    ]);
    const [runs] = await project.sql`select count(*)::int as count from medallion.runs`;
    assert.is(runs!.count, 3);
  }));

test('what comes due while the run still goes on is skipped, or follows once', async () => {
  for (const [overlap, expected] of [
    [
      'skip',
      [
        'schedule 00:01 succeeded 1',
        'schedule 00:02 overlap 0',
        'schedule 00:03 overlap 0',
        'schedule 00:04 succeeded 1',
      ],
    ],
    [
      'queue',
      [
        'schedule 00:01 succeeded 1',
        'schedule 00:02 overlap 0',
        'schedule 00:03 succeeded 1',
        'schedule 00:04 succeeded 1',
      ],
    ],
  ] as const)
    await withProject(files(`{ cron: '* * * * *', overlap: '${overlap}' }`), async (project) => {
      const clock = new FakeClock(start);
      const daemon = startDaemon(project, clock);
      await until(() => clock.isWaitedFor);
      // Another run holds the lock: ours waits for it.
      const held = await project.sql.reserve();
      await held`select pg_advisory_lock(hashtextextended('medallion:run:loja', 0))`;
      clock.advance(minute);
      await until(() => daemon.told('begun').length === 1);
      clock.advance(2 * minute);
      await held`select pg_advisory_unlock(hashtextextended('medallion:run:loja', 0))`;
      held.release();
      await seenTo(daemon, clock, overlap === 'queue' ? 2 : 1);
      clock.advance(minute);
      await seenTo(daemon, clock, overlap === 'queue' ? 3 : 2);
      await daemon.stop();
      assert.equal(await history(project), expected);
    });
});

test('a run is interrupted by the next occurrence, where that is asked for', () =>
  withProject(files(`{ cron: '* * * * *', overlap: 'cancel', command: 'run' }`), async (project) => {
    project.write('models/gold/people.sql', 'select pg_sleep(60)::text as slept');
    const clock = new FakeClock(start);
    const daemon = startDaemon(project, clock);
    await until(() => clock.isWaitedFor);
    clock.advance(minute);
    await sleepingBackends(project.sql);
    project.write('models/gold/people.sql', 'select 1 as id');
    clock.advance(minute);
    await seenTo(daemon, clock, 2);
    await daemon.stop();
    assert.equal(await history(project), ['schedule 00:01 overtaken 1', 'schedule 00:02 succeeded 1']);
    const runs = await project.sql`select status, cause from medallion.runs order by run_id`;
    assert.equal(
      runs.map(({ status, cause }) => `${status} ${cause}`),
      ['interrupted schedule schedule', 'succeeded schedule schedule'],
    );
  }));

test('while another run of the project goes on, a schedule leaves its own out, or waits for so long', async () => {
  for (const [settings, wait] of [
    [`whenBusy: 'skip'`, 0],
    [`maxWait: '10 s'`, 10_000],
  ] as const)
    await withProject(files(`{ cron: '* * * * *', ${settings}, retries: 3 }`), async (project) => {
      const clock = new FakeClock(start);
      const daemon = startDaemon(project, clock);
      await until(() => clock.isWaitedFor);
      const held = await project.sql.reserve();
      await held`select pg_advisory_lock(hashtextextended('medallion:run:loja', 0))`;
      clock.advance(minute);
      await until(() => daemon.told('begun').length === 1);
      if (wait > 0) {
        await until(() => daemon.runs.includes('run.waiting'));
        clock.advance(wait);
      }
      await seenTo(daemon, clock, 1);
      await held`select pg_advisory_unlock(hashtextextended('medallion:run:loja', 0))`;
      held.release();
      clock.advance(minute - wait);
      await seenTo(daemon, clock, 2);
      await daemon.stop();
      assert.equal(await history(project), ['schedule 00:01 busy 1', 'schedule 00:02 succeeded 1']);
    });
});

test('a run that was killed is marked, and run again if that is asked for', async () => {
  for (const onCrash of ['skip', 'rerun'] as const)
    await withProject(files(`{ cron: '* * * * *', onCrash: '${onCrash}' }`), async (project) => {
      const clock = new FakeClock(start);
      const before = startDaemon(project, clock);
      await until(() => clock.isWaitedFor);
      await before.stop();
      // What a killed daemon leaves: it had taken the occurrence, and said nothing more.
      await project.sql`insert into medallion.occurrences (project, schedule, due, status) values ('loja', 'schedule', '2026-01-01T00:01:00Z', 'running')`;
      clock.advance(minute);
      const after = startDaemon(project, clock);
      await seenTo(after, clock, onCrash === 'rerun' ? 1 : 0);
      clock.advance(minute);
      await seenTo(after, clock, onCrash === 'rerun' ? 2 : 1);
      await after.stop();
      assert.is(after.told()[0], 'schedule 00:01 crashed');
      assert.equal(await history(project), [
        onCrash === 'rerun' ? 'schedule 00:01 succeeded 1' : 'schedule 00:01 crashed 0',
        'schedule 00:02 succeeded 1',
      ]);
    });
});

for (const [delay, ...waits] of [
  ['1 s', 1000, 2000],
  ['6min', 6 * minute, 10 * minute],
  ['20min', 20 * minute, 20 * minute],
] as const)
  test(`a run that fails is tried again, each time after twice as long, up to ten minutes (${delay})`, () =>
    withProject(
      files(`{ often: { cron: '1 * * * *', retries: 2, retryDelay: '${delay}' } }`),
      async (project) => {
        project.write(
          'models/gold/people.sql',
          'select 1 / (id::int - 1) as id from {{ref "bronze.people"}}',
        );
        const clock = new FakeClock(start);
        const daemon = startDaemon(project, clock);
        await until(() => clock.isWaitedFor);
        clock.advance(minute);
        for (const [i, wait] of waits.entries()) {
          await until(() => daemon.told('retried').length === i + 1);
          const last = daemon.events.findLast(({ event }) => event === 'schedule.retried');
          assert.is('at' in last! && Date.parse(last.at), clock.now() + wait);
          clock.advance(wait);
        }
        await seenTo(daemon, clock, 1);
        await daemon.stop();
        assert.equal(await history(project), ['often 00:01 failed 3']);
      },
    ));

test('a run that takes too long is interrupted; the next is not affected', () =>
  withProject(files(`{ cron: '* * * * *', timeout: '10 s', command: 'run' }`), async (project) => {
    project.write('models/gold/people.sql', 'select pg_sleep(60)::text as slept');
    const clock = new FakeClock(start);
    const daemon = startDaemon(project, clock);
    await until(() => clock.isWaitedFor);
    clock.advance(minute);
    await sleepingBackends(project.sql);
    clock.advance(10_000);
    await seenTo(daemon, clock, 1);
    project.write('models/gold/people.sql', 'select 1 as id');
    clock.advance(50_000);
    await seenTo(daemon, clock, 2);
    await daemon.stop();
    assert.equal(await history(project), ['schedule 00:01 timed out 1', 'schedule 00:02 succeeded 1']);
  }));

test('what comes next is listed, in its time zone, with what became of the last times', () =>
  withProject(
    files(`{ nightly: { cron: '30 2 * * *', timezone: 'America/Recife' }, hourly: { cron: '0 * * * *' } }`),
    async (project) => {
      const { stdout } = await project.mdl('schedule', '--list', '--json');
      const rows = JSON.parse(stdout);
      // Recife has no summer time: three hours behind UTC.
      assert.match(rows[0].next, /T05:30:00/);
      assert.match(rows[1].next, /:00:00.000Z$/);
      await project.sql`insert into medallion.occurrences (project, schedule, due, status, attempts) values ('loja', 'hourly', '2026-01-01T00:00:00Z', 'failed', 2)`;
      const listed = await project.mdl('schedule', '--list');
      assert.match(listed.stdout, 'America/Recife');
      assert.match(listed.stdout, 'hourly  2026-01-01T00:00:00.000Z  failed, 2 attempts');
    },
  ));

test('the daemon as it is started: it says what comes next, and ends at once by Ctrl-C', () =>
  withProject(files(`{ cron: '* * * * * *' }`), async (project) => {
    const child = project.spawn('schedule', '--json');
    let told = '';
    child.stdout!.on('data', (chunk) => (told += chunk));
    await until(() => told.includes('"schedule.finished"'));
    assert.match(told, '"run.finished"');
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    assert.is(code, 0);
    assert.match((await history(project))[0]!, 'succeeded 1');
  }));

test('settings that are wrong are told with what is right', async () => {
  for (const [schedule, message] of [
    [`{ cron: 'each day' }`, 'schedule.cron: is no cron expression'],
    [`{ cron: '* * * * *', timezone: 'Mars/Olympus' }`, 'schedule.timezone: must be a time zone'],
    [`{ nightly: { cron: '0 3 * * *', catchup: 'all' } }`, 'catchUp'],
    [`{ nightly: {} }`, 'schedule.nightly.cron'],
  ] as const)
    await withProject(files(schedule), async (project) => {
      const { code, stderr } = await project.mdl('schedule', '--list');
      assert.is(code, 2);
      assert.match(stderr, 'MDL1003');
      assert.match(stderr, message);
    });
  await withProject(files('undefined'), async (project) => {
    const { code, stderr } = await project.mdl('schedule');
    assert.equal([code, /MDL1008/.test(stderr)], [2, true]);
  });
});

test.run();
