import type { Sql } from '../../database/connect.js';
import type { Catalog, CatalogRelation, Column } from './catalog.js';
import { readComputed, readFunctions } from './functions.js';
import { type Fronts, findHidden, keysInFront } from './in-front.js';
import { type ForeignKey, findRelationships, type Showing } from './relationships.js';
import { type TypeRow, toType, typeJoins, typeProperties } from './types.js';
import { readVersions, type ViewRule } from './versions.js';
import { type ViewColumn, viewColumns } from './view-columns.js';

/**
 * Reads what the schemas expose, and how it is connected: tables, views, columns, keys.
 * @param fronts schemas whose relations are shown in place of exposed ones
 * @throws PostgresError as Postgres raises it
 */
export async function readCatalog(
  sql: Sql,
  schemas: readonly string[],
  fronts: Fronts = new Map(),
): Promise<Catalog> {
  const stored = [...schemas, ...fronts.values()];
  const exposedAs = new Map([...fronts].map(([exposed, front]) => [front, exposed]));
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const [rows, keys, rules, types, geoJson] = await Promise.all([
      tx.unsafe<RelationRow[]>(relationsSql, [stored]),
      tx.unsafe<ForeignKey[]>(foreignKeysSql),
      tx.unsafe<ViewRule[]>(viewsSql),
      tx.unsafe<TypeRow[]>(typesSql, [stored]),
      tx.unsafe<{ name: string }[]>(geoJsonSql),
    ]);
    const versions = await readVersions(tx, rules);
    const computed = await readComputed(tx, schemas);
    const read = rows.map((row) =>
      toRelation(row, exposedAs.get(row.schema) ?? row.schema, versions.get(row.oid), computed.get(row.oid)),
    );
    const isInFront = ({ relation: { storedIn } }: ReadRelation) => exposedAs.has(storedIn);
    const hidden = findHidden(
      read.filter((relation) => !isInFront(relation)),
      read.filter(isInFront),
    );
    const relations = read.filter(({ relation: { oid } }) => !hidden.has(oid));
    const bySchema = new Map(schemas.map((schema) => [schema, new Map<string, CatalogRelation>()]));
    const byOid = new Map(read.map(({ relation }) => [relation.oid, relation]));
    for (const { relation } of relations) bySchema.get(relation.schema)!.set(relation.name, relation);
    return {
      schemas,
      relations: bySchema,
      relationships: findRelationships(keysInFront(keys, hidden), findShowing(relations, rules)),
      functions: await readFunctions(tx, schemas, byOid),
      toGeoJson: geoJson[0]?.name,
      types: new Map(types.flatMap((row) => row.names.map((name) => [name, toType(row)] as const))),
    };
  });
}

interface RelationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly description: string | null;
  readonly primaryKey: readonly string[] | null;
  readonly columns: readonly (Omit<TypeRow, 'names'> & {
    readonly number: number;
    readonly name: string;
    readonly isNullable: boolean;
    readonly hasDefault: boolean;
    readonly description: string | null;
  })[];
}

interface ReadRelation {
  readonly relation: CatalogRelation;
  /** By column number. */
  readonly names: ReadonlyMap<number, string>;
}

function toRelation(
  row: RelationRow,
  schema: string,
  version: string | undefined,
  computed: CatalogRelation['computed'] = new Map(),
): ReadRelation {
  const columns = new Map(
    row.columns.map((column): [string, Column] => [
      column.name,
      {
        name: column.name,
        type: toType(column),
        isNullable: column.isNullable,
        hasDefault: column.hasDefault,
        description: column.description ?? undefined,
      },
    ]),
  );
  return {
    relation: {
      oid: row.oid,
      schema,
      storedIn: row.schema,
      name: row.name,
      isTable: row.kind === 'r' || row.kind === 'p',
      description: row.description ?? undefined,
      columns,
      primaryKey: row.primaryKey ?? [],
      computed,
      version,
    },
    names: new Map(row.columns.map(({ number, name }) => [number, name])),
  };
}

/** Which exposed relations show which tables: each table itself, and each view the tables under it, through other views as well. */
function findShowing(
  relations: readonly ReadRelation[],
  rules: readonly ViewRule[],
): ReadonlyMap<number, readonly Showing[]> {
  const columnsOf = new Map<number, ViewColumn[]>();
  for (const { view, rule } of rules)
    columnsOf.set(view, [...(columnsOf.get(view) ?? []), ...viewColumns(view, rule)]);
  const showing = new Map<number, Showing[]>();
  for (const { relation, names } of relations) {
    const shown = new Map<number, Map<number, string>>();
    for (const [number, name] of names) {
      const base = columnsOf.has(relation.oid)
        ? baseColumn(relation.oid, number, columnsOf)
        : ([relation.oid, number] as const);
      if (!base) continue;
      const [table, column] = base;
      const ofTable = shown.get(table) ?? new Map<number, string>();
      // Where a view shows a column twice, the first counts.
      if (!ofTable.has(column)) ofTable.set(column, name);
      shown.set(table, ofTable);
    }
    for (const [table, ofTable] of shown)
      showing.set(table, [...(showing.get(table) ?? []), { relation, names: ofTable }]);
  }
  return showing;
}

function baseColumn(
  relation: number,
  column: number,
  columnsOf: ReadonlyMap<number, readonly ViewColumn[]>,
): readonly [table: number, column: number] | undefined {
  const own = columnsOf.get(relation);
  if (!own) return [relation, column];
  const found = own.find((candidate) => candidate.column === column);
  return found && baseColumn(found.source, found.sourceColumn, columnsOf);
}

const relationsSql = `
  select c.oid::int8 as oid, n.nspname as schema, c.relname as name, c.relkind as kind, obj_description(c.oid, 'pg_class') as description,
         (select jsonb_agg(a.attname order by array_position(i.indkey::int2[], a.attnum))
            from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey::int2[])
           where i.indrelid = c.oid and i.indisprimary) as "primaryKey",
         columns.columns
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
   cross join lateral (
         select coalesce(jsonb_agg(jsonb_build_object(
                  'number', a.attnum, 'name', a.attname, 'isNullable', not a.attnotnull, 'hasDefault', a.atthasdef,
                  'description', col_description(c.oid, a.attnum), 'display', format_type(a.atttypid, a.atttypmod), ${typeProperties}) order by a.attnum), '[]') as columns
           from pg_attribute a
           join pg_type t on t.oid = a.atttypid
           ${typeJoins}
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) columns
   where n.nspname = any($1::text[]) and c.relkind in ('r', 'v', 'm', 'f', 'p') and not c.relispartition
   order by c.relname, n.nspname`;

const foreignKeysSql = `
  select f.conname as name, f.conrelid::int8 as "table", to_jsonb(f.conkey) as columns, f.confrelid::int8 as "references", to_jsonb(f.confkey) as "referencedColumns",
         exists (select from pg_index i where i.indrelid = f.conrelid and i.indisunique and i.indpred is null
                  and i.indnkeyatts = cardinality(f.conkey) and (i.indkey::int2[])[0 : i.indnkeyatts - 1] @> f.conkey) as "isUnique",
         exists (select from pg_index i where i.indrelid = f.conrelid and i.indisprimary and i.indkey::int2[] @> f.conkey) as "isInPrimaryKey"
    from pg_constraint f
   where f.contype = 'f' and f.conparentid = 0
   order by f.conname`;

const viewsSql = `
  select c.oid::int8 as view, r.ev_action::text as rule
    from pg_rewrite r
    join pg_class c on c.oid = r.ev_class
    join pg_namespace n on n.oid = c.relnamespace
   where r.rulename = '_RETURN' and n.nspname not in ('pg_catalog', 'information_schema')`;

const typesSql = `
  select jsonb_build_array(format_type(t.oid, null), t.typname) as names, format_type(t.oid, null) as display,
         p ->> 'sql' as sql, p ->> 'array' as "array", p ->> 'category' as category, p ->> 'base' as base, p -> 'enumLabels' as "enumLabels"
    from pg_type t
    ${typeJoins}
   cross join lateral (select jsonb_build_object(${typeProperties}) as p) properties
   where (tn.nspname = 'pg_catalog' or tn.nspname = any($1::text[] || array['public', 'extensions'])) and t.typtype in ('b', 'd', 'e', 'r', 'm')
   order by tn.nspname = 'pg_catalog', tn.nspname`;

const geoJsonSql = `
  select quote_ident(n.nspname) || '.' || quote_ident(p.proname) as name
    from pg_extension e
    join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.classid = 'pg_proc'::regclass
    join pg_proc p on p.oid = d.objid
    join pg_namespace n on n.oid = p.pronamespace
   where e.extname = 'postgis' and p.proname = 'st_asgeojson' and p.proargtypes[0] = 'record'::regtype`;
