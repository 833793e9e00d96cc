import type postgres from 'postgres';
import * as assert from 'uvu/assert';

/** Waits until `happened` says true; throws after a minute, which no machine needs. */
export async function until(happened: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await happened())) {
    if (Date.now() > deadline) throw new Error('It did not happen within a minute');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until `read` says `expected`; what it says instead after a quarter of a minute fails the test. A page is drawn when it is ready, not when it is asked. */
export async function becomes<T>(read: () => Promise<T>, expected: T, message?: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  let actual = await read();
  while (actual !== expected && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    actual = await read();
  }
  assert.is(actual, expected, message);
}

/** Waits until a model that calls `pg_sleep` sleeps; the ids of the backends that do. */
export async function sleepingBackends(sql: postgres.Sql): Promise<number[]> {
  let pids: number[] = [];
  await until(async () => {
    const rows = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    pids = rows.map((row) => row.pid);
    return pids.length > 0;
  });
  return pids;
}

/** SQL of a model that waits while `hold` holds its lock. */
export const waitingModel = `select 1 as n from (select pg_advisory_xact_lock_shared(4711)) w`;

/** Keeps models of `waitingModel` waiting until the returned function is called. */
export async function hold(sql: postgres.Sql): Promise<() => Promise<void>> {
  const held = await sql.reserve();
  await held`select pg_advisory_lock(4711)`;
  return async () => {
    await held`select pg_advisory_unlock(4711)`;
    held.release();
  };
}

/** Waits until a model waits for the lock of `hold`. */
export function untilHeld(sql: postgres.Sql): Promise<void> {
  return until(async () => {
    const [row] = await sql`
      select from pg_locks where locktype = 'advisory' and objid = 4711 and not granted
         and database = (select oid from pg_database where datname = current_database())`;
    return row !== undefined;
  });
}
