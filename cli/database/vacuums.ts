import { quoteLiteral } from './identifiers.js';

/**
 * A statement for a transaction that is about to take locks on tables of which vacuums of the server's own may hold some. Such a vacuum goes on for as long as it takes, which may be hours, and ends
 * only for somebody who has waited for `deadlock_timeout`: far longer than readers may be kept waiting. So it is waited for with a lock that is in no reader's and no writer's way, and that no
 * other vacuum gets past until the transaction ends.
 * @param tables their names, quoted; none: nothing is waited for
 * @param thenMs the `lock_timeout` of what follows
 * @param materializedViews likewise
 * @see https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
 */
export function endVacuums(
  tables: readonly string[],
  thenMs: number,
  materializedViews: readonly string[] = [],
): string {
  const locks = [
    ...(tables.length > 0 ? [lockTables(tables, 'share update exclusive')] : []),
    ...[...new Set(materializedViews)].sort().map(lockMaterializedView),
  ];
  const then = `set local lock_timeout = ${thenMs}`;
  if (locks.length === 0) return then;
  const patienceMs = `1000 + 1000 * pg_catalog.date_part('epoch', pg_catalog.current_setting('deadlock_timeout')::pg_catalog.interval)`;
  return [
    `select pg_catalog.set_config('lock_timeout', (${patienceMs})::pg_catalog.int4::pg_catalog.text, true)`,
    ...locks,
    then,
  ].join('; ');
}

/** `lock table` takes none; to give it the comment that it has takes the same lock. */
function lockMaterializedView(name: string): string {
  const text = quoteLiteral(name);
  return `do ${quoteLiteral(
    `begin execute pg_catalog.format('comment on materialized view %s is %L', ${text}, pg_catalog.obj_description(${text}::pg_catalog.regclass, 'pg_class')); end`,
  )}`;
}

/** @param tables one at least; always locked in the same order */
export function lockTables(
  tables: readonly string[],
  mode: 'share update exclusive' | 'access exclusive',
): string {
  return `lock table ${[...new Set(tables)].sort().join(', ')} in ${mode} mode`;
}
