import type { Queryable } from '../database/connect.js';
import { type BehindKind, behindKey } from '../graph/sql-facts/behind.js';
import { type Calls, namesOf } from '../graph/sql-facts/facts.js';

/** A check of a domain to which a value may be cast. */
export interface FoundCheck {
  /** What may need it, as `behindKey`. */
  readonly key: string;
  readonly domain: string;
  /** An expression over `VALUE`. */
  readonly expression: string;
}

/** The checks that values have to pass which are cast to the types that queries write, or given to their functions and operators. One statement. */
export async function readDomainChecks(
  sql: Queryable,
  queries: readonly Calls[],
): Promise<readonly FoundCheck[]> {
  const { types, operators, functions } = namesOf(queries);
  const rows = await sql<(Omit<FoundCheck, 'key'> & { kind: BehindKind; name: string })[]>`
    with recursive reached (kind, name, type) as (
      select 'cast', t.typname::text, t.oid
        from pg_type t where t.typname = any(${types}::text[])
      union
      select 'operator', o.oprname::text, unnest(array[o.oprleft, o.oprright])
        from pg_operator o where o.oprname = any(${operators}::text[]) and o.oid >= 16384
      union
      select 'function', p.proname::text, unnest(p.proargtypes::oid[])
        from pg_proc p
       where p.proname = any(${functions}::text[]) and p.oid >= 16384
      union
      -- What a value of a type consists of.
      select r.kind, r.name, part.type
        from reached r join pg_type t on t.oid = r.type
        cross join lateral (
          select t.typbasetype union all select t.typelem
          union all select a.atttypid from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as part (type)
       where part.type <> 0
    )
    select r.kind, r.name, r.type::regtype::text as domain, pg_get_expr(k.conbin, 0) as expression
      from reached r join pg_constraint k on k.contypid = r.type
     where k.contype = 'c' and k.oid >= 16384
     order by r.kind, r.name, k.oid`;
  return rows.map(({ kind, name, ...check }) => ({ ...check, key: behindKey(kind, name) }));
}
