import type { Queryable } from '../database/connect.js';
import type { Calls } from '../graph/sql-facts/facts.js';
import { behindKey } from '../graph/sql-facts/judge.js';

/**
 * The functions of users behind the operators and casts that queries write. Types of operands are not known, so all of an operator's name count, and all casts
 * from or to a type: too many cost a rebuild that was not needed.
 * @returns oids of functions, by `behindKey`
 */
export async function readFunctionsBehind(
  sql: Queryable,
  queries: readonly Calls[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const operators = [...new Set(queries.flatMap((query) => query.operators))];
  const types = [...new Set(queries.flatMap((query) => query.casts))];
  if (operators.length + types.length === 0) return new Map();
  const found = await sql<{ kind: 'operator' | 'cast'; name: string; oid: string }[]>`
    with behind as (
      select 'operator' as kind, o.oprname::text as name, o.oprcode::oid as oid
        from pg_operator o where o.oprname = any(${operators}::text[]) and o.oprnamespace <> 'pg_catalog'::regnamespace
      union
      select 'cast', t.typname, c.castfunc
        from pg_cast c join pg_type t on t.oid in (c.castsource, c.casttarget)
       where c.castfunc <> 0 and t.typname = any(${types}::text[]))
    select b.kind, b.name, b.oid::text
      from behind b
      join pg_proc p using (oid)
     where p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
     order by b.kind, b.name, b.oid`;
  const behind = new Map<string, string[]>();
  for (const { kind, name, oid } of found) {
    const key = behindKey(kind, name);
    behind.set(key, [...(behind.get(key) ?? []), oid]);
  }
  return behind;
}
