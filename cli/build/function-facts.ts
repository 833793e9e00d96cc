import type { Queryable } from '../database/connect.js';
import type { BehindFacts, DomainCheck } from '../graph/sql-facts/behind.js';
import type { Calls, SqlFacts } from '../graph/sql-facts/facts.js';
import { type FunctionFacts, type FunctionOverload, functionKey } from '../graph/sql-facts/judge.js';
import { readDomainChecks } from './domain-checks.js';
import { definitionHashes } from './function-definitions.js';
import { type FunctionsBehind, readFunctionsBehind } from './functions-behind.js';
import { readTextColumns } from './text-columns.js';
import { readTypesMet } from './types-met.js';

/**
 * Reads what the database has under the names of the functions that queries call: nothing where they call none, one statement for those that are
 * called by name and one for what is behind operators and casts, another where some are user-defined, casts that are not immutable, or domains with checks,
 * and the first two again for what these call; one more where words like `'today'` stand beside columns. Names without a schema are looked for as the models' own statements look for them: along
 * the search path of this session, which the role, the database or the connection's options set.
 * @param sql a session like that in which the models are built
 * @throws errors as the driver raises them
 */
export async function readFunctionFacts(sql: Queryable, queries: Iterable<Query>): Promise<FunctionFacts> {
  const all = [...queries];
  const factsOfChecks = new Map<string, SqlFacts>();
  for (;;) {
    const [found, behind] = await Promise.all([readOverloads(sql, all), readFunctionsBehind(sql, all)]);
    const checks = behind.hasChecks ? await readDomainChecks(sql, all) : [];
    const unread = checks.map(({ expression }) => expression).filter((one) => !factsOfChecks.has(one));
    if (unread.length === 0) {
      const checksByKey = new Map<string, DomainCheck[]>();
      for (const { key, domain, expression } of checks)
        add(checksByKey, key, { domain, facts: factsOfChecks.get(expression)! });
      return functionFacts(sql, all, found, behind, checksByKey);
    }
    const factsOf = await (await import('../graph/sql-facts/open.js')).openSqlFacts();
    for (const expression of new Set(unread)) {
      const facts = factsOf(`select ${expression}`);
      factsOfChecks.set(expression, facts);
      all.push(facts);
    }
  }
}

type Query = Calls & Pick<SqlFacts, 'words'>;

async function functionFacts(
  sql: Queryable,
  queries: readonly Query[],
  found: readonly FoundFunction[],
  behind: FunctionsBehind,
  checks: BehindFacts['checks'],
): Promise<FunctionFacts> {
  const own = found.filter(({ schema, extension }) => schema !== 'pg_catalog' && extension === null);
  const [hashes, met, textColumns] = await Promise.all([
    definitionHashes(sql, new Set([...own, ...behind.functions].map(({ oid }) => oid))),
    behind.casts.length === 0 ? new Map() : readTypesMet(sql, queries, behind.casts),
    readTextColumns(
      sql,
      queries.flatMap(({ words }) => words ?? []),
    ),
  ]);
  const overloads = new Map<string, FunctionOverload[]>();
  for (const { oid, calledSchema, ...overload } of found) {
    const key = functionKey({
      ...(calledSchema !== null && { schema: calledSchema }),
      name: overload.name,
    });
    add(overloads, key, { ...overload, hash: hashes.get(oid) ?? null });
  }
  const hashesBehind = new Map<string, string[]>();
  const operators = new Map<string, (typeof behind.functions)[number][]>();
  for (const one of behind.functions) {
    const hash = hashes.get(one.oid);
    if (hash !== undefined) add(hashesBehind, one.key, hash);
    add(operators, one.key, one);
  }
  const facts: BehindFacts = { hashes: hashesBehind, operators, casts: behind.casts, met, checks };
  return { overloads, behind: facts, textColumns };
}

function add<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
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
async function readOverloads(sql: Queryable, queries: readonly Calls[]): Promise<FoundFunction[]> {
  const asked = new Map<string, AskedFunction>();
  for (const { functions } of queries)
    for (const { args, ...called } of functions) asked.set(functionKey(called), called);
  if (asked.size === 0) return [];
  return sql<FoundFunction[]>`
    with asked as (
      select schema, name from json_to_recordset(${JSON.stringify([...asked.values()])}::text::json) as a (schema text, name text)
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
           exists (
             select from unnest(p.proargtypes::oid[]) as argument (oid)
               join pg_type t using (oid) left join pg_type e on t.typcategory = 'A' and e.oid = t.typelem
              where 'D' in (t.typcategory, e.typcategory) or t.typcategory = 'R' or t.typcategory = 'U' and t.oid >= 16384
                 -- Of any type, or of the type of another argument.
                 or t.typcategory = 'P' and t.typname ~ '^any.') as "takesDate",
           (select e.extname
              from pg_depend d
              join pg_extension e on e.oid = d.refobjid
             where d.classid = 'pg_proc'::regclass and d.objid = p.oid
               and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e') as extension
      from meant m
      join pg_proc p using (oid)
     order by p.proname, m.nspname, p.proargtypes`;
}
