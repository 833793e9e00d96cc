import type { Sql } from '../../database/connect.js';
import { quoteIdentifier, type Relation } from '../../database/identifiers.js';

/**
 * The operators by which values of a relation's columns are equal: publishing runs with an empty search path, in which the `=` of an extension's type would
 * not be found. A column is missing where the one of Postgres itself is meant.
 */
export async function readEquality(
  sql: Sql,
  { schema, name }: Relation,
): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ column: string; schema: string; operator: string }[]>`
    select a.attname as "column", s.nspname as schema, o.oprname as operator
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     cross join lateral (
             -- A domain may stand for another one.
             with recursive stands_for as (
               select t.oid, t.typtype, t.typbasetype from pg_type t where t.oid = a.atttypid
               union all
               select t.oid, t.typtype, t.typbasetype from stands_for d join pg_type t on d.typtype = 'd' and t.oid = d.typbasetype
             )
             select oid from stands_for where typtype <> 'd') b
      join pg_opclass k   on k.opcintype = b.oid and k.opcdefault
      join pg_am m        on m.oid = k.opcmethod and m.amname = 'btree'
      join pg_amop e      on e.amopfamily = k.opcfamily and e.amopstrategy = 3 and e.amoplefttype = k.opcintype and e.amoprighttype = k.opcintype
      join pg_operator o  on o.oid = e.amopopr
      join pg_namespace s on s.oid = o.oprnamespace
     where n.nspname = ${schema} and c.relname = ${name} and s.nspname <> 'pg_catalog'`;
  return new Map(rows.map((row) => [row.column, `operator(${quoteIdentifier(row.schema)}.${row.operator})`]));
}
