import type { Sql } from '../database/connect.js';

/** What a value of a Postgres type is once Postgres has made JSON of it. */
export type JsonType =
  | { readonly kind: 'string' | 'boolean' | 'integer' | 'decimal' | 'json' | 'uuid' }
  | {
      readonly kind: 'enum';
      readonly schema: string;
      readonly name: string;
      readonly labels: readonly string[];
    }
  | { readonly kind: 'array'; readonly of: JsonType }
  | {
      readonly kind: 'composite';
      readonly schema: string;
      readonly name: string;
      readonly attributes: ReadonlyMap<string, JsonType>;
    };

/** Every type of the database by its quoted and qualified name, as the catalog writes it. */
export type JsonTypes = ReadonlyMap<string, JsonType>;

interface TypeRow {
  readonly sql: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  /** Of an array its elements, of a domain its base. */
  readonly inner: string | null;
  readonly isArray: boolean;
  readonly labels: readonly string[] | null;
  readonly attributes: readonly { readonly name: string; readonly type: string }[] | null;
  readonly hasJsonCast: boolean;
}

/**
 * Reads what JSON the types of the database become.
 * @throws PostgresError as Postgres raises it
 */
export async function readJsonTypes(sql: Sql): Promise<JsonTypes> {
  const rows = await sql.unsafe<TypeRow[]>(typesSql);
  const bySql = new Map(rows.map((row) => [row.sql, row]));
  const made = new Map<string, JsonType>();
  const toJson = (name: string): JsonType => {
    const known = made.get(name);
    if (known) return known;
    const row = bySql.get(name);
    const type: JsonType = row ? fromRow(row, toJson) : { kind: 'json' };
    made.set(name, type);
    return type;
  };
  for (const name of bySql.keys()) toJson(name);
  return made;
}

/** Postgres writes these as JSON numbers, and every other type of numbers as text. */
const integers = new Set(['int2', 'int4', 'int8']);
const decimals = new Set(['float4', 'float8', 'numeric']);

function fromRow(row: TypeRow, toJson: (name: string) => JsonType): JsonType {
  const { schema, name } = row;
  if (row.isArray) return { kind: 'array', of: toJson(row.inner!) };
  if (row.kind === 'd') return toJson(row.inner!);
  if (row.labels) return { kind: 'enum', schema, name, labels: row.labels };
  if (row.hasJsonCast || row.kind === 'p') return { kind: 'json' };
  if (row.attributes)
    return {
      kind: 'composite',
      schema,
      name,
      attributes: new Map(row.attributes.map((attribute) => [attribute.name, toJson(attribute.type)])),
    };
  if (schema !== 'pg_catalog') return { kind: 'string' };
  if (integers.has(name)) return { kind: 'integer' };
  if (decimals.has(name)) return { kind: 'decimal' };
  if (name === 'bool') return { kind: 'boolean' };
  if (name === 'uuid') return { kind: 'uuid' };
  return { kind: name === 'json' || name === 'jsonb' ? 'json' : 'string' };
}

/** The types; a composite may name another, never itself. */
const typesSql = `
  select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as sql, n.nspname as schema, t.typname as name, t.typtype as kind,
         t.typcategory = 'A' and t.typelem <> 0 as "isArray",
         (select quote_ident(n2.nspname) || '.' || quote_ident(i.typname) from pg_type i join pg_namespace n2 on n2.oid = i.typnamespace
           where i.oid = case when t.typtype = 'd' then t.typbasetype else t.typelem end) as inner,
         (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels,
         (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', quote_ident(n2.nspname) || '.' || quote_ident(i.typname)) order by a.attnum)
            from pg_attribute a join pg_type i on i.oid = a.atttypid join pg_namespace n2 on n2.oid = i.typnamespace
           where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as attributes,
         t.oid >= 16384 and exists (select from pg_cast c where c.castsource = t.oid and c.casttarget = 'json'::regtype) as "hasJsonCast"
    from pg_type t
    join pg_namespace n on n.oid = t.typnamespace
    left join pg_class r on r.oid = t.typrelid
   where (n.nspname !~ '^pg_' or n.nspname = 'pg_catalog') and coalesce(r.relkind, 'c') in ('c', 'r', 'v', 'm', 'f', 'p')
   order by 1`;
