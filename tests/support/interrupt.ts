import * as assert from 'uvu/assert';
import type { TestProject } from './project.ts';
import { until } from './wait.ts';

/** Makes loads wait before they commit this batch; expects the schema `medallion`. @returns lets them go on, and takes the barrier away */
export async function barrier(project: TestProject, batch: number): Promise<() => Promise<void>> {
  await project.sql.unsafe(`
    create or replace function public.barrier() returns trigger language plpgsql as $$
      begin if new.batch >= ${batch} then perform pg_advisory_xact_lock_shared(4712); end if; return new; end $$;
    create trigger barrier before insert on medallion.load_batches for each row execute function public.barrier()`);
  const held = await project.sql.reserve();
  await held`select pg_advisory_lock(4712)`;
  return async () => {
    await held`select pg_advisory_unlock(4712)`;
    held.release();
    await project.sql.unsafe('drop trigger barrier on medallion.load_batches');
  };
}

/** Waits until a load waits before a batch. */
export async function stoppedLoads(project: TestProject): Promise<void> {
  await until(async () => {
    const waiting = await project.sql`
      select from pg_locks where locktype = 'advisory' and objid = 4712 and not granted
         and database = (select oid from pg_database where datname = current_database())`;
    return waiting.count > 0;
  });
}

/** Starts `mdl load` and ends it when it waits before a batch: those before it are committed. */
export async function interruptLoad(
  project: TestProject,
  batch: number,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<void> {
  const goOn = await barrier(project, batch);
  const child = project.spawn('load');
  const ended = new Promise((resolve) => child.on('close', resolve));
  await stoppedLoads(project);
  child.kill(signal);
  await ended;
  await goOn();
  // What the killed process had sent is rolled back.
  await until(
    async () =>
      (
        await project.sql`select from pg_stat_activity where datname = current_database() and application_name like 'mdl%'`
      ).count === 0,
  );
  assert.is(child.exitCode === 0, false);
}
