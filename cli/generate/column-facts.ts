import type { Sql } from '../database/connect.js';

/** What a column holds, as the driver sees it. */
interface ColumnFact {
  /** Postgres's own type under all domains, of an array that of its elements; `text` for types that others made, which arrive as text. */
  readonly type: string;
  readonly isArray: boolean;
  /** Of an enum, in its order. */
  readonly labels: readonly string[] | null;
  /** Postgres fills it where an insert leaves it out. */
  readonly isGenerated: boolean;
}

export interface ColumnFacts {
  /** By schema, relation and column. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, ColumnFact>>>;
  /** Of relations, by `schema.name`. */
  readonly descriptions: ReadonlyMap<string, string>;
}

interface FactRow extends ColumnFact {
  readonly schema: string;
  readonly relation: string;
  readonly column: string;
  readonly description: string | null;
}

/**
 * Reads what kysely-codegen does not ask for, or mistakes by a name: enums by their labels' order, arrays, domains, descriptions of relations.
 * @throws PostgresError as Postgres raises it
 */
export async function readColumnFacts(sql: Sql, schemas: readonly string[]): Promise<ColumnFacts> {
  const rows = await sql.unsafe<FactRow[]>(factsSql, [schemas as string[]]);
  const columns = new Map<string, Map<string, Map<string, ColumnFact>>>();
  const descriptions = new Map<string, string>();
  for (const { schema, relation, column, description, ...fact } of rows) {
    const inSchema = columns.get(schema) ?? new Map();
    columns.set(schema, inSchema);
    inSchema.set(relation, (inSchema.get(relation) ?? new Map()).set(column, fact));
    if (description !== null) descriptions.set(`${schema}.${relation}`, description);
  }
  return { columns, descriptions };
}

/** An array of a domain arrives as the driver does not know its elements: as text. */
const factsSql = `
  with recursive roots as (
    select oid, oid as root from pg_type where typtype <> 'd'
    union all
    select d.oid, r.root from pg_type d join roots r on r.oid = d.typbasetype where d.typtype = 'd'
  )
  select n.nspname as schema, c.relname as relation, a.attname as "column", obj_description(c.oid, 'pg_class') as description,
         case when v.typnamespace = 'pg_catalog'::regnamespace then v.typname else 'text' end as type,
         e.oid is not null as "isArray", a.attidentity <> '' as "isGenerated",
         (select jsonb_agg(l.enumlabel order by l.enumsortorder) from pg_enum l where l.enumtypid = v.oid) as labels
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join roots on roots.oid = a.atttypid
    join pg_type t on t.oid = roots.root
    left join pg_type e on e.oid = t.typelem and e.typarray = t.oid
    join pg_type v on v.oid = coalesce(e.oid, t.oid)
   where n.nspname = any($1::text[]) and c.relkind in ('r', 'v', 'm', 'p')
   order by n.nspname, c.relname, a.attnum`;
