import type { Queryable } from '../../database/connect.js';
import { quoteIdentifier, type Relation } from '../../database/identifiers.js';

/** How two values of a key's column are equal. */
export interface KeyEquality {
  /** `operator("pg_catalog".=)`: means the same under any search path. */
  readonly operator: string;
  /** Equal values have equal images: true of `integer`, false of `numeric` (1.0 = 1.00) and `citext`. */
  readonly isExact: boolean;
}

/**
 * Reads from the unique index of a key how its columns are equal. Publishing runs with an empty search path, in which the `=` of an extension's type would
 * not be found, or another one in its place (`citext` would be compared as `text`).
 * @returns one for each column of the key; undefined where no unique index has these columns
 */
export async function readKeyEquality(
  sql: Queryable,
  relation: Relation,
  key: readonly string[],
): Promise<readonly KeyEquality[] | undefined> {
  const rows = await sql<{ place: number; schema: string; operator: string; isExact: boolean }[]>`
    with wanted as (
      select a.attnum, w.place
        from pg_catalog.jsonb_array_elements_text(${sql.json([...key])}) with ordinality as w (name, place)
        join pg_catalog.pg_attribute a on a.attname = w.name
        join pg_catalog.pg_class c on c.oid = a.attrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = ${relation.schema} and c.relname = ${relation.name}
    ), of_key as (
      select i.*
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = ${relation.schema} and c.relname = ${relation.name}
         and i.indisunique and i.indisvalid and i.indpred is null and i.indnkeyatts = ${key.length}
         and (select pg_catalog.array_agg(k order by k) from pg_catalog.unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) k)
             = (select pg_catalog.array_agg(attnum order by attnum) from wanted)
       order by i.indisprimary desc limit 1
    )
    select w.place::int4 as place, n.nspname as schema, o.oprname as operator,
           case when c.opcintype = 'pg_catalog.bpchar'::pg_catalog.regtype then false
                when p.amproc = 'pg_catalog.btequalimage'::pg_catalog.regproc then true
                when p.amproc = 'pg_catalog.btvarstrequalimage'::pg_catalog.regproc then coalesce(l.collisdeterministic, false)
                else false end as "isExact"
      from of_key i
     cross join lateral (
             select i.indkey[at] as attnum, i.indclass[at] as opclass, i.indcollation[at] as coll
               from pg_catalog.generate_series(0, i.indnkeyatts - 1) at) k
      join wanted w on w.attnum = k.attnum
      join pg_catalog.pg_opclass c on c.oid = k.opclass
      join pg_catalog.pg_amop e on e.amopfamily = c.opcfamily and e.amopstrategy = 3 and e.amoplefttype = c.opcintype and e.amoprighttype = c.opcintype
      join pg_catalog.pg_operator o on o.oid = e.amopopr
      join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
      left join pg_catalog.pg_amproc p on p.amprocfamily = c.opcfamily and p.amprocnum = 4 and p.amproclefttype = c.opcintype and p.amprocrighttype = c.opcintype
      left join pg_catalog.pg_collation l on l.oid = k.coll
     order by w.place`;
  if (rows.length === 0 || rows.length !== key.length) return undefined;
  return rows.map(({ schema, operator, isExact }) => ({
    operator: `operator(${quoteIdentifier(schema)}.${operator})`,
    isExact,
  }));
}
