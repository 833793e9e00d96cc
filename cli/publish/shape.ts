import type { Queryable } from '../database/connect.js';
import type { Relation } from '../database/identifiers.js';

/**
 * What clients that cache the catalog know of relations, as one text for each place; undefined where there is none yet. Rows, grants, policies and indexes
 * are no part of it. Expects an empty `search_path`, so that every name is qualified.
 */
export async function readShapes(
  sql: Queryable,
  relations: readonly Relation[],
): Promise<(string | undefined)[]> {
  const places = relations.map(({ schema, name }, place) => ({ place, schema, name }));
  const rows = await sql<{ place: number; shape: string }[]>`
    select p.place, jsonb_build_array(c.relkind, obj_description(c.oid, 'pg_class'),
             case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end, columns.list, keys.list)::text as shape
      from pg_catalog.jsonb_to_recordset(${sql.json(places)}) as p (place int4, schema name, name name)
      join pg_catalog.pg_namespace n on n.nspname = p.schema
      join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.name
     cross join lateral (
             select jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
                              pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)) order by a.attnum) as list
               from pg_catalog.pg_attribute a
               left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) columns
     cross join lateral (
             select jsonb_agg(jsonb_build_array(conname, pg_get_constraintdef(oid)) order by conname) as list
               from pg_catalog.pg_constraint where conrelid = c.oid and contype in ('p', 'u', 'f')) keys`;
  const found = new Map(rows.map(({ place, shape }) => [place, shape]));
  return places.map(({ place }) => found.get(place));
}
