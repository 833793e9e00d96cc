/**
 * A statement for a transaction that is about to take locks on tables of which vacuums of the server's own may hold some. Such a vacuum goes on for as long as it takes, which may be hours, and ends
 * only for somebody who has waited for `deadlock_timeout`: far longer than readers may be kept waiting. So it is waited for with a lock that is in no reader's and no writer's way, and that no
 * other vacuum gets past until the transaction ends.
 * @param tables their names, quoted; none: nothing is waited for
 * @param thenMs the `lock_timeout` of what follows
 * @see https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
 */
export function endVacuums(tables: readonly string[], thenMs: number): string {
  const then = `set local lock_timeout = ${thenMs}`;
  if (tables.length === 0) return then;
  const patienceMs = `1000 + 1000 * pg_catalog.date_part('epoch', pg_catalog.current_setting('deadlock_timeout')::pg_catalog.interval)`;
  return [
    `select pg_catalog.set_config('lock_timeout', (${patienceMs})::pg_catalog.int4::pg_catalog.text, true)`,
    lockTables(tables, 'share update exclusive'),
    then,
  ].join('; ');
}

/** @param tables one at least; always locked in the same order */
export function lockTables(
  tables: readonly string[],
  mode: 'share update exclusive' | 'access exclusive',
): string {
  return `lock table ${[...new Set(tables)].sort().join(', ')} in ${mode} mode`;
}
