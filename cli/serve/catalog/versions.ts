import type { Transaction } from '../../database/connect.js';

/** A view's rule, as Postgres keeps it. */
export interface ViewRule {
  readonly view: number;
  /** `pg_rewrite.ev_action` as text. */
  readonly rule: string;
}

/**
 * Versions of relations whose rows change only when they are published anew, by oid: tables and materialized views that Medallion publishes, with neither row-level security nor
 * others who may write; and views of nothing but those, with nothing in them that another moment or another user would answer differently.
 */
export async function readVersions(
  tx: Transaction,
  rules: readonly ViewRule[],
): Promise<ReadonlyMap<number, string>> {
  const [known] = await tx<{ relations: string | null }[]>`
    select to_regclass('medallion.relations')::text as relations`;
  if (known!.relations === null) return new Map();
  const tables = await tx<{ oid: number; version: string }[]>`
    select c.oid::int8 as oid, r.run_id || '.' || r.data_version as version
      from medallion.relations r
      join pg_namespace n on n.nspname = r.schema_name
      join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
     where c.relkind in ('r', 'm') and not c.relrowsecurity and not c.relhassubclass
       -- Loads go into bronze batch by batch.
       and r.node not like 'bronze.%'
       and not exists (select from aclexplode(c.relacl) x
                        where x.grantee <> c.relowner and x.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'))
       and not exists (select from pg_attribute a cross join aclexplode(a.attacl) x
                        where a.attrelid = c.oid and x.grantee <> c.relowner and x.privilege_type in ('INSERT', 'UPDATE'))`;
  const versions = new Map(tables.map(({ oid, version }) => [oid, version]));
  const parts = new Map(rules.map(({ view, rule }) => [view, partsOf(rule)]));
  const varying = await tx<{ oid: number }[]>`
    select oid::int8 as oid from pg_proc
     where provolatile <> 'i' and oid = any(${[...new Set([...parts.values()].flatMap(({ functions }) => functions))]}::int8[]::oid[])`;
  addViews(versions, parts, new Set(varying.map(({ oid }) => oid)));
  return versions;
}

interface ViewParts {
  readonly relations: readonly number[];
  readonly functions: readonly number[];
  /** It asks for the time or the user by a word of SQL, samples, or reads text as something that may stand for the time (`'today'::date`). */
  readonly isVarying: boolean;
}

/** Types whose text means the same at any time, by oid: bool, "char", name, int8, int2, int4, text, json, float4, float8, bpchar, varchar, numeric, uuid, jsonb. */
const timeless = new Set([16, 18, 19, 20, 21, 23, 25, 114, 700, 701, 1042, 1043, 1700, 2950, 3802]);

function partsOf(rule: string): ViewParts {
  const numbers = (pattern: RegExp) => [...rule.matchAll(pattern)].map((match) => Number(match[1]));
  return {
    relations: numbers(/:relid (\d+)/g).filter((oid) => oid > 0),
    functions: numbers(/:\w*(?:funcid|fnoid) (\d+)/g).filter((oid) => oid > 0),
    isVarying:
      /\{(?:SQLVALUEFUNCTION|TABLESAMPLECLAUSE) /.test(rule) ||
      conversions(rule).some((type) => !timeless.has(type)),
  };
}

/** What values are converted to by way of their text: the `resulttype` of each `COERCEVIAIO`, which stands behind the node that is converted. */
function conversions(rule: string): number[] {
  const types: number[] = [];
  const open: boolean[] = [];
  for (const found of rule.matchAll(/\\.|\{(\w*)|\}|:resulttype (\d+)/gs)) {
    if (found[0] === '}') open.pop();
    else if (found[1] !== undefined) open.push(found[1] === 'COERCEVIAIO');
    else if (found[2] !== undefined && open.at(-1)) types.push(Number(found[2]));
  }
  return types;
}

function addViews(
  versions: Map<number, string>,
  parts: ReadonlyMap<number, ViewParts>,
  varying: ReadonlySet<number>,
): void {
  const settled = new Map<number, string | undefined>();
  const versionOf = (oid: number): string | undefined => {
    const view = parts.get(oid);
    if (!view) return versions.get(oid);
    if (settled.has(oid)) return settled.get(oid);
    settled.set(oid, undefined);
    if (view.isVarying || view.functions.some((name) => varying.has(name))) return undefined;
    const read = [...new Set(view.relations)]
      .sort((a, b) => a - b)
      .map((of) => (of === oid ? '' : versionOf(of)));
    const version = read.includes(undefined) ? undefined : `${oid}(${read.join(' ')})`;
    settled.set(oid, version);
    return version;
  };
  for (const view of parts.keys()) {
    const version = versionOf(view);
    if (version !== undefined) versions.set(view, version);
  }
}
