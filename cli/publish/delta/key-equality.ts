import type { Queryable } from '../../database/connect.js';
import { quoteIdentifier, type Relation } from '../../database/identifiers.js';

/** How two values of a key's column are equal. */
export interface KeyEquality {
  /** `operator("pg_catalog".=)`: means the same under any search path. */
  readonly operator: string;
  /** Equal values have equal images: true of `integer`, false of `numeric` (1.0 = 1.00) and `citext`. */
  readonly isExact: boolean;
}

/** A relation and the columns of its key. */
export interface KeyedRelation {
  readonly relation: Relation;
  readonly key: readonly string[];
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
  return (await readKeyEqualities(sql, [{ relation, key }]))[0];
}

/** The same of many relations, in their order: planning this takes longer than carrying it out. */
export async function readKeyEqualities(
  sql: Queryable,
  relations: readonly KeyedRelation[],
): Promise<readonly (readonly KeyEquality[] | undefined)[]> {
  const asked = relations.map(({ relation, key }, at) => ({ at, ...relation, key }));
  const rows = await sql<{ at: number; schema: string; operator: string; isExact: boolean }[]>`
    with asked as (
      select a.at, a.key, c.oid as relation
        from pg_catalog.jsonb_to_recordset(${sql.json(asked as never)}) as a (at int4, schema name, name name, key jsonb)
        join pg_catalog.pg_namespace n on n.nspname = a.schema
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = a.name
    ), wanted as (
      select asked.at, asked.relation, a.attnum, w.place
        from asked
       cross join lateral pg_catalog.jsonb_array_elements_text(asked.key) with ordinality as w (name, place)
        join pg_catalog.pg_attribute a on a.attrelid = asked.relation and a.attname = w.name
    ), keys as (
      select at, relation, pg_catalog.array_agg(attnum order by attnum) as columns from wanted group by at, relation
    ), of_key as (
      select distinct on (k.at) k.at, i.indexrelid, i.indkey, i.indclass, i.indcollation, i.indnkeyatts
        from keys k
        join pg_catalog.pg_index i on i.indrelid = k.relation
       where i.indisunique and i.indisvalid and i.indpred is null and i.indnkeyatts = pg_catalog.cardinality(k.columns)
         and (select pg_catalog.array_agg(c order by c) from pg_catalog.unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) c) = k.columns
       order by k.at, i.indisprimary desc
    )
    select w.at, n.nspname as schema, o.oprname as operator,
           case when c.opcintype = 'pg_catalog.bpchar'::pg_catalog.regtype then false
                when p.amproc = 'pg_catalog.btequalimage'::pg_catalog.regproc then true
                when p.amproc = 'pg_catalog.btvarstrequalimage'::pg_catalog.regproc then coalesce(l.collisdeterministic, false)
                else false end as "isExact"
      from of_key i
     cross join lateral (
             select i.indkey[at] as attnum, i.indclass[at] as opclass, i.indcollation[at] as coll
               from pg_catalog.generate_series(0, i.indnkeyatts - 1) at) k
      join wanted w on w.at = i.at and w.attnum = k.attnum
      join pg_catalog.pg_opclass c on c.oid = k.opclass
      join pg_catalog.pg_amop e on e.amopfamily = c.opcfamily and e.amopstrategy = 3 and e.amoplefttype = c.opcintype and e.amoprighttype = c.opcintype
      join pg_catalog.pg_operator o on o.oid = e.amopopr
      join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
      left join pg_catalog.pg_amproc p on p.amprocfamily = c.opcfamily and p.amprocnum = 4 and p.amproclefttype = c.opcintype and p.amprocrighttype = c.opcintype
      left join pg_catalog.pg_collation l on l.oid = k.coll
     order by w.at, w.place`;
  const found: KeyEquality[][] = relations.map(() => []);
  for (const { at, schema, operator, isExact } of rows)
    found[at]!.push({ operator: `operator(${quoteIdentifier(schema)}.${operator})`, isExact });
  return found.map((equality, at) =>
    equality.length > 0 && equality.length === relations[at]!.key.length ? equality : undefined,
  );
}
