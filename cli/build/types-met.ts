import type { Queryable } from '../database/connect.js';
import { type BehindKind, behindKey, type UnsteadyCast } from '../graph/sql-facts/behind.js';
import { type Calls, namesOf } from '../graph/sql-facts/facts.js';

/**
 * Where values of the types of some casts may come from: the casts, operators and functions that queries write, and the columns of what is published. One statement.
 * @param casts of which there is at least one
 * @returns oids of types, by `behindKey`
 */
export async function readTypesMet(
  sql: Queryable,
  queries: readonly Calls[],
  casts: readonly UnsteadyCast[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { types, operators, functions } = namesOf(queries);
  const wanted = [...new Set(casts.flatMap(({ sourceOid, targetOid }) => [sourceOid, targetOid]))];
  const rows = await sql<{ kind: BehindKind; name: string; type: string }[]>`
    with recursive met (kind, name, type) as (
      select 'cast', t.typname::text, t.oid
        from pg_type t where t.typname = any(${types}::text[])
      union
      select 'operator', o.oprname::text, unnest(array[o.oprleft, o.oprright, o.oprresult])
        from pg_operator o where o.oprname = any(${operators}::text[]) and o.oid >= 16384
      union
      select 'function', p.proname::text, unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]) || p.prorettype)
        from pg_proc p
       where p.proname = any(${functions}::text[]) and p.oid >= 16384
      union
      select 'relation', r.node, a.atttypid
        from medallion.relations r
        join pg_namespace n on n.nspname = r.schema_name
        join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      union
      -- What a value of a type consists of.
      select m.kind, m.name, part.type
        from met m join pg_type t on t.oid = m.type
        cross join lateral (
          select t.typbasetype union all select t.typelem
          union all select a.atttypid from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as part (type)
       where part.type <> 0
    )
    select kind, name, type::text from met where type = any(${wanted}::text[]::oid[])`;
  const met = new Map<string, Set<string>>();
  for (const { kind, name, type } of rows) {
    const key = behindKey(kind, name);
    met.set(key, (met.get(key) ?? new Set()).add(type));
  }
  return met;
}
