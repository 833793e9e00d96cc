/**
 * SQL for what the catalog says of a published relation, as one hash: its kind, its columns, our keys and checks on it, the query of a view; of a
 * materialized view also whether it is filled, and the unique indexes by which it is refreshed. What
 * others may put on it (indexes, grants, comments, defaults) is no part of it. Expects an empty `search_path`: a view's query is to name all in full.
 * @param c name of the `pg_class` row
 * @param owned SQL of the `medallion.relations.owned` of the relation
 */
export function shapeSql(c: string, owned: string): string {
  return `
    select pg_catalog.md5(pg_catalog.jsonb_build_array(${c}.oid::text, ${c}.relkind,
             (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(a.attname, a.atttypid::int8, a.atttypmod) order by a.attnum)
                from pg_catalog.pg_attribute a where a.attrelid = ${c}.oid and a.attnum > 0 and not a.attisdropped),
             (select pg_catalog.jsonb_agg(k.conname order by k.conname)
                from pg_catalog.pg_constraint k where k.conrelid = ${c}.oid and (${owned}) -> 'constraints' ? k.conname::text),
             case ${c}.relkind when 'v' then pg_catalog.pg_get_viewdef(${c}.oid)
                               when 'm' then pg_catalog.pg_get_viewdef(${c}.oid) || ${c}.relispopulated::text || coalesce((
               select pg_catalog.string_agg(k.relname, ' ' order by k.relname)
                 from pg_catalog.pg_index i join pg_catalog.pg_class k on k.oid = i.indexrelid
                where i.indrelid = ${c}.oid and i.indisunique and (${owned}) -> 'indexes' ? k.relname::text), '') end)::text)`;
}
