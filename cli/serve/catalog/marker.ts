import type { Sql } from '../../database/connect.js';

/**
 * A text that changes with what is exposed and who may read it: relations, views, functions, rights and roles of the exposed schemas and of those that
 * Medallion publishes to; and with each publish. Cheap enough to be asked for all the time: rows of the catalog are told apart by the transaction that wrote
 * them.
 */
export async function readMarker(sql: Sql, schemas: readonly string[]): Promise<string> {
  const [known] = await sql<{ relations: string | null }[]>`
    select to_regclass('medallion.relations')::text as relations`;
  const published = known!.relations !== null;
  const [row] = await sql<{ marker: string }[]>`
    with exposed as (
      select oid, xmin, nspname from pg_namespace
       where nspname = any(${schemas as string[]}) ${published ? sql`or nspname in (select schema_name from medallion.relations)` : sql``}),
    parts (part) as (
      select 'schema ' || oid || ' ' || xmin from exposed
      union all select 'relation ' || c.oid || ' ' || c.xmin from pg_class c join exposed e on e.oid = c.relnamespace
      union all select 'function ' || p.oid || ' ' || p.xmin from pg_proc p join exposed e on e.oid = p.pronamespace
      union all select 'view ' || r.oid || ' ' || r.xmin from pg_rewrite r join pg_class c on c.oid = r.ev_class join exposed e on e.oid = c.relnamespace
      union all select 'column ' || a.attrelid || ' ' || a.attnum || ' ' || a.xmin
                  from pg_attribute a join pg_class c on c.oid = a.attrelid join exposed e on e.oid = c.relnamespace where a.attacl is not null
      union all select 'member ' || roleid || ' ' || member || ' ' || xmin from pg_auth_members
      ${published ? sql`union all select 'published ' || coalesce(max(run_id), 0) || ' ' || coalesce(sum(data_version), 0) from medallion.relations` : sql``})
    select md5(string_agg(part, ',' order by part)) as marker from parts`;
  return row!.marker ?? '';
}
