import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestProject, withProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

const test = suite('the story of a schedule');
const script = fileURLToPath(new URL('../support/daemon-process.ts', import.meta.url));
const minute = 60_000;

/** A daemon in another process, whose clock is ours. */
class Daemon {
  private readonly told: Record<string, any>[] = [];
  private constructor(
    private now: number,
    readonly child: ChildProcess,
  ) {
    child.stderr!.on('data', (chunk) => process.stderr.write(chunk));
    createInterface({ input: child.stdout! }).on('line', (line) => this.told.push(JSON.parse(line)));
  }

  /** Starts one, and waits until it has seen to what was there. */
  static async start(project: TestProject, at: string): Promise<Daemon> {
    const now = Date.parse(at);
    const child = spawn(process.execPath, [...process.execArgv, script, project.dir, String(now)], {
      env: { ...process.env, DATABASE_URL: project.url },
    });
    const daemon = new Daemon(now, child);
    await daemon.rests();
    return daemon;
  }

  advance(ms: number): void {
    this.now += ms;
    this.child.stdin!.write(`${ms}\n`);
  }

  /** Waits until each schedule waits for what is yet to come. */
  rests(): Promise<void> {
    return until(() =>
      ['minutely', 'gap', 'twice'].every((name) => {
        const last = this.told.filter(({ schedule }) => schedule === name).at(-1);
        return last?.event === 'schedule.waiting' && Date.parse(last.next) > this.now;
      }),
    );
  }

  async minute(): Promise<void> {
    this.advance(minute);
    await this.rests();
  }

  begun(schedule: string, due: string): Promise<void> {
    return until(() =>
      this.told.some(
        (one) => one.event === 'schedule.begun' && one.schedule === schedule && one.due.includes(due),
      ),
    );
  }

  async end(signal?: NodeJS.Signals): Promise<void> {
    const ended = once(this.child, 'exit');
    if (signal) this.child.kill(signal);
    else this.child.stdin!.end();
    await ended;
  }
}

const config = `import { csv, defineConfig } from 'medallion';
const timezone = 'America/New_York';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, layers: { gold: {} }, schedule: {
  minutely: { cron: '* * * * *', timezone, onCrash: 'resume' },
  gap: { cron: '30 2 * * *', timezone, command: 'load' },
  twice: { cron: '30 1 * * *', timezone, command: 'load' },
} });`;

/** Holds what the model waits for; lets go when called. */
async function holdModel({ sql }: TestProject): Promise<() => Promise<void>> {
  const held = await sql.reserve();
  await held`select pg_advisory_lock(42)`;
  return async () => {
    await held`select pg_advisory_unlock(42)`;
    held.release();
  };
}

const modelWaits = ({ sql }: TestProject) =>
  until(async () => {
    const [row] = await sql`
      select count(*)::int as waiting from pg_locks
       where locktype = 'advisory' and objid = 42 and not granted and database = (select oid from pg_database where datname = current_database())`;
    return row!.waiting > 0;
  });

const history = async ({ sql }: TestProject, schedule: string) =>
  (
    await sql<{ line: string }[]>`
      select to_char(due at time zone 'UTC', 'MM-DD HH24:MI') || ' ' || status as line
        from medallion.occurrences where schedule = ${schedule} and status <> 'missed' order by due`
  ).map(({ line }) => line);

const missed = async ({ sql }: TestProject, schedule: string) =>
  (
    await sql<{ day: string; count: number }[]>`
      select to_char(due at time zone 'UTC', 'MM-DD') as day, count(*)::int as count
        from medallion.occurrences where schedule = ${schedule} and status = 'missed' group by 1 order by 1`
  ).map(({ day, count }) => `${day}: ${count}`);

test('each minute, through overlap, SIGKILL, downtime and restart, on the days on which clocks change', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/people.csv': 'id\n1\n',
      'models/gold/people.sql':
        'select id, pg_advisory_xact_lock_shared(42)::text as waited from {{ref "bronze.people"}}',
    },
    async (project) => {
      // Sunday, 1:57 in the night: at two o'clock it will be three.
      const first = await Daemon.start(project, '2026-03-08T06:57:30Z');
      await first.minute();
      let release = await holdModel(project);
      first.advance(minute);
      await modelWaits(project);
      // The run still goes on, twice; and the other schedule, whose half past two there is not today, comes due at three.
      first.advance(2 * minute);
      await first.begun('gap', '07:00');
      await release();
      await first.rests();
      await first.minute();
      release = await holdModel(project);
      first.advance(minute);
      await modelWaits(project);
      await first.end('SIGKILL');
      await release();
      const second = await Daemon.start(project, '2026-03-08T07:07:30Z');
      await second.minute();
      await second.end();
      assert.equal(await history(project, 'minutely'), [
        ...['03-08 06:58 succeeded', '03-08 06:59 succeeded', '03-08 07:00 overlap', '03-08 07:01 overlap'],
        ...[
          '03-08 07:02 succeeded',
          '03-08 07:03 succeeded',
          '03-08 07:07 succeeded',
          '03-08 07:08 succeeded',
        ],
      ]);
      assert.equal(await missed(project, 'minutely'), ['03-08: 3']);
      assert.equal(await history(project, 'gap'), ['03-08 07:00 succeeded']);
      assert.equal(await history(project, 'twice'), [], 'half past one was before it was there');
      const taken = await project.sql`
        select n.status as "now", o.status as "before" from medallion.runs n join medallion.runs o on o.run_id = n.retry_of`;
      assert.equal([...taken], [{ now: 'succeeded', before: 'crashed' }]);

      // Nobody was there all summer. Sunday, 1:29: after 1:59 it will be one o'clock again.
      const third = await Daemon.start(project, '2026-11-01T05:29:30Z');
      await third.minute();
      // The machine sleeps for an hour: half past one is over for the second time.
      third.advance(60 * minute);
      await third.rests();
      await third.end();
      assert.equal((await history(project, 'minutely')).slice(8), [
        ...['11-01 05:29 succeeded', '11-01 05:30 succeeded', '11-01 06:30 succeeded'],
      ]);
      // Of the downtime the latest are told, a thousand at most; and the minutes of the hour.
      const minutes = (await missed(project, 'minutely')).slice(1).map((line) => Number(line.split(': ')[1]));
      const told = minutes.reduce((sum, count) => sum + count, 0) - 59;
      assert.ok(told >= 500 && told < 1000, String(told));
      assert.equal((await history(project, 'twice')).slice(-2), [
        '10-31 05:30 succeeded',
        '11-01 05:30 succeeded',
      ]);
      assert.equal((await history(project, 'gap')).slice(1), ['10-31 06:30 succeeded']);

      const [together] = await project.sql`
        select count(*)::int as count from medallion.runs a join medallion.runs b
            on a.run_id < b.run_id and a.started_at < b.finished_at and b.started_at < a.finished_at`;
      assert.is(together!.count, 0, 'never two at once');
      const causes = await project.sql`select distinct cause from medallion.runs order by 1`;
      assert.equal(
        causes.map(({ cause }) => cause),
        ['schedule gap', 'schedule minutely', 'schedule twice'],
      );
    },
  ));

test.run();
