import type postgres from 'postgres';

/** Waits until `happened` says true; throws after a minute, which no machine needs. */
export async function until(happened: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await happened())) {
    if (Date.now() > deadline) throw new Error('It did not happen within a minute');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
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
