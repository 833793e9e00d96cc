import type { Queryable } from '../database/connect.js';
import { type BehindKind, behindKey, type UnsteadyCast } from '../graph/sql-facts/behind.js';
import { type Calls, namesOf } from '../graph/sql-facts/facts.js';
import type { FunctionIdentity } from '../graph/sql-facts/steadiness.js';

/** What stands behind what queries write. */
export interface FunctionsBehind {
  /** Functions behind operators of users, and functions of users behind casts. */
  readonly functions: readonly FunctionBehind[];
  /** All casts of users whose functions are not immutable. */
  readonly casts: readonly UnsteadyCast[];
  /** Users have made domains with checks. */
  readonly hasChecks: boolean;
}

interface FunctionBehind extends FunctionIdentity {
  readonly key: string;
  readonly oid: string;
}

/**
 * What stands behind the operators and casts that queries write, and behind casts that Postgres makes by itself. Types of operands are not known, so all
 * of an operator's name count, and all casts from or to a type: too many cost a rebuild that was not needed. One statement; none for queries that call nothing. What users and extensions make has
 * numbers from 16384 on.
 */
export async function readFunctionsBehind(
  sql: Queryable,
  queries: readonly Calls[],
): Promise<FunctionsBehind> {
  const { operators, types, functions: called } = namesOf(queries);
  if (operators.length + types.length + called.length === 0)
    return { functions: [], casts: [], hasChecks: false };
  const [row] = await sql<FoundBehind[]>`
    with unsteady as (
      select c.castfunc as oid, c.castsource, c.casttarget, c.castcontext
        from pg_cast c join pg_proc p on p.oid = c.castfunc where c.oid >= 16384 and p.provolatile <> 'i'
    ), behind as (
      select 'operator' as kind, o.oprname::text as name, o.oprcode::oid as oid
        from pg_operator o where o.oprname = any(${operators}::text[]) and o.oid >= 16384
      union
      select 'cast', t.typname, c.castfunc
        from pg_cast c join pg_type t on t.oid in (c.castsource, c.casttarget)
       where c.castfunc >= 16384 and t.typname = any(${types}::text[])
    ), function as (
      select p.oid, n.nspname as schema, p.proname as name, p.provolatile as volatility, e.extname as extension
        from (select oid from behind union select oid from unsteady) b
        join pg_proc p using (oid)
        join pg_namespace n on n.oid = p.pronamespace
        left join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
        left join pg_extension e on e.oid = d.refobjid
    )
    select coalesce((select json_agg(json_build_object('kind', b.kind, 'called', b.name, 'oid', f.oid::text, 'schema', f.schema, 'name', f.name,
                                     'volatility', f.volatility, 'extension', f.extension) order by b.kind, b.name, f.oid)
              from behind b join function f using (oid)), '[]') as functions,
           coalesce((select json_agg(json_build_object('schema', f.schema, 'name', f.name, 'volatility', f.volatility, 'extension', f.extension,
                                     'source', u.castsource::regtype::text, 'target', u.casttarget::regtype::text, 'sourceOid', u.castsource::text,
                                     'targetOid', u.casttarget::text, 'isMadeBySelf', u.castcontext <> 'e') order by f.oid)
              from unsteady u join function f using (oid)), '[]') as casts,
           exists (select from pg_constraint k where k.contypid <> 0 and k.oid >= 16384) as "hasChecks"`;
  const { functions, casts, hasChecks } = row!;
  return {
    ...{ casts, hasChecks },
    functions: functions.map(({ kind, called: name, ...rest }) => ({ ...rest, key: behindKey(kind, name) })),
  };
}

interface Called {
  readonly kind: BehindKind;
  readonly called: string;
}

interface FoundBehind {
  readonly functions: readonly (Called & Omit<FunctionBehind, 'key'>)[];
  readonly casts: readonly UnsteadyCast[];
  readonly hasChecks: boolean;
}
