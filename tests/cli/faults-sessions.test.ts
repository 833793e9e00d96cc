// core: runs on every server
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { phases, withVersions } from '../support/faults/versions.ts';
import { until } from '../support/wait.ts';

/** Sessions of a run that somebody ends: an administrator, a pooler, a limit of idle time. */
const test = suite('faults: sessions that are ended');
let broken = 0;

const ending = { 0: ['batch', 'audit', 'publish'], 3: phases } as const;

for (const retries of [0, 3] as const)
  test(`pg_terminate_backend in each phase, with ${retries} retries`, () =>
    withVersions(`threads: 2, retries: ${retries}, retryDelay: '1 ms'`, async (versions) => {
      for (const phase of ending[retries]) {
        const told = await versions.during(
          phase,
          (pid) => versions.project.sql`select pg_terminate_backend(${pid})`,
        );
        broken++;
        const goesOn = retries > 0;
        assert.is(told.outcome.status, goesOn ? 'succeeded' : 'failed', `${phase}: ${told.errors}`);
        assert.is(
          told.events.some(({ event }) => event === 'node.retried' || event === 'publish.retried'),
          goesOn,
          phase,
        );
        await versions.endsWell(told);
      }
    }));

test('pg_terminate_backend of the connections beside: the lock is taken back, and the history has everything', () =>
  withVersions('threads: 2', async (versions) => {
    const { sql } = versions.project;
    for (const [phase, which] of [
      ['batch', 'mdl-lock:%'],
      ['model', 'mdl-run:%:side'],
      ['publish', 'mdl-lock:%'],
      ['publish', 'mdl-run:%:side'],
    ] as const) {
      const told = await versions.during(phase, async () => {
        const ended = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like ${which}`;
        assert.is(ended.count, 1, phase);
        if (which === 'mdl-lock:%')
          await until(async () => {
            const { count } = await sql`
              select from pg_locks join pg_stat_activity a using (pid)
               where locktype = 'advisory' and granted and objid <> 4711 and a.application_name like 'mdl-lock:%' and a.datname = current_database()`;
            return count === 1;
          });
      });
      broken++;
      assert.is(told.outcome.status, 'succeeded', `${phase}: ${told.errors}`);
      const kept = await sql<
        { seq: number }[]
      >`select seq from medallion.run_events where run_id = ${told.outcome.runId} and event ->> 'event' <> 'load.progress'`;
      assert.is(
        kept.length,
        told.events.filter(({ event }) => event !== 'load.progress').length,
        'every event is in the history',
      );
      await versions.endsWell(told);
    }
  }));

test.after(() => console.log(`measured: ${broken} sessions ended`));
test.run();
