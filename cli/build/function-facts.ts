import type { Queryable } from '../database/connect.js';
import type { Calls } from '../graph/sql-facts/facts.js';
import { type FunctionFacts, type FunctionOverload, functionKey } from '../graph/sql-facts/judge.js';
import { definitionHashes } from './function-definitions.js';
import { readFunctionsBehind } from './functions-behind.js';

/**
 * Reads what the database has under the names of the functions that queries call: nothing where they call none, one statement for those that are
 * called by name and one for operators and casts, another where some are user-defined. Names without a schema are looked for as the models' own statements look for them: along
 * the search path of this session, which the role, the database or the connection's options set.
 * @param sql a session like that in which the models are built
 * @throws errors as the driver raises them
 */
export async function readFunctionFacts(sql: Queryable, queries: Iterable<Calls>): Promise<FunctionFacts> {
  const all = [...queries];
  const asked = new Map<string, AskedFunction>();
  for (const { functions } of all)
    for (const { args, ...called } of functions) asked.set(functionKey(called), called);
  const overloads = new Map<string, FunctionOverload[]>();
  const [found, behind] = await Promise.all([
    asked.size === 0 ? [] : readOverloads(sql, [...asked.values()]),
    readFunctionsBehind(sql, all),
  ]);
  const own = found.filter(({ schema, extension }) => schema !== 'pg_catalog' && extension === null);
  const hashes = await definitionHashes(
    sql,
    new Set([...own.map(({ oid }) => oid), ...[...behind.values()].flat()]),
  );
  for (const { oid, calledSchema, ...overload } of found) {
    const key = functionKey({
      ...(calledSchema !== null && { schema: calledSchema }),
      name: overload.name,
    });
    overloads.set(key, [...(overloads.get(key) ?? []), { ...overload, hash: hashes.get(oid) ?? null }]);
  }
  const hashesBehind = [...behind].map(
    ([key, oids]) => [key, oids.flatMap((oid) => hashes.get(oid) ?? [])] as const,
  );
  return { overloads, behind: new Map(hashesBehind) };
}

interface AskedFunction {
  readonly schema?: string;
  readonly name: string;
}

interface FoundFunction extends Omit<FunctionOverload, 'hash'> {
  readonly oid: string;
  readonly calledSchema: string | null;
}

/** All functions that the names may mean. An aggregate is as steady as the functions of users that it consists of. */
function readOverloads(sql: Queryable, asked: readonly AskedFunction[]): Promise<FoundFunction[]> {
  return sql<FoundFunction[]>`
    with asked as (
      select schema, name from json_to_recordset(${JSON.stringify(asked)}::text::json) as a (schema text, name text)
    ), path as (
      -- Functions are never looked for among temporary objects.
      select s.name, s.place from unnest(current_schemas(true)) with ordinality as s (name, place) where s.name !~ '^pg_temp_'
    ), meant as (
      -- One with the same arguments hides those further on in the path.
      select distinct on (a.schema, a.name, p.proargtypes) a.schema as called_schema, p.oid, n.nspname
        from asked a
        join pg_proc p on p.proname = a.name::name and p.prokind <> 'p'
        join pg_namespace n on n.oid = p.pronamespace
        left join path on path.name = n.nspname
       where case when a.schema is null then path.place is not null else n.nspname = a.schema end
       order by a.schema, a.name, p.proargtypes, path.place
    )
    select p.oid::text,
           m.called_schema as "calledSchema",
           m.nspname as schema,
           p.proname as name,
           p.pronargs - p.pronargdefaults - (p.provariadic <> 0)::int as "minArgs",
           case when p.provariadic = 0 then p.pronargs end as "maxArgs",
           greatest(
             p.provolatile::text,
             (select max(part.provolatile::text)
                from pg_aggregate g
                join pg_proc part on part.oid in (g.aggtransfn, g.aggfinalfn, g.aggmtransfn, g.aggminvtransfn, g.aggmfinalfn)
               where g.aggfnoid = p.oid and part.pronamespace <> 'pg_catalog'::regnamespace)) as volatility,
           (select e.extname
              from pg_depend d
              join pg_extension e on e.oid = d.refobjid
             where d.classid = 'pg_proc'::regclass and d.objid = p.oid
               and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e') as extension
      from meant m
      join pg_proc p using (oid)
     order by p.proname, m.nspname, p.proargtypes`;
}
