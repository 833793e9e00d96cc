import type { Transaction } from '../../database/connect.js';
import type { CatalogFunction, CatalogRelation, Column, ComputedColumn } from './catalog.js';
import { type TypeRow, toType, typeJoins, typeProperties } from './types.js';

interface ArgumentRow extends Omit<TypeRow, 'names'> {
  readonly name: string;
  readonly mode: 'i' | 'o' | 'b' | 'v' | 't';
  readonly hasDefault: boolean;
}

interface FunctionRow {
  readonly schema: string;
  readonly name: string;
  readonly description: string | null;
  readonly isVolatile: boolean;
  readonly returnsSet: boolean;
  readonly arguments: readonly ArgumentRow[];
  readonly returned: Omit<TypeRow, 'names'>;
  /** The relation whose rows come back. */
  readonly relation: number | null;
  readonly attributes: readonly (Omit<TypeRow, 'names'> & { readonly name: string })[] | null;
}

/**
 * The functions of the schemas, by schema and name: those whose arguments have names, as a URL has to give them.
 * @param relations those that are exposed, by oid
 */
export async function readFunctions(
  tx: Transaction,
  schemas: readonly string[],
  relations: ReadonlyMap<number, CatalogRelation>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, readonly CatalogFunction[]>>> {
  const rows = await tx.unsafe<FunctionRow[]>(functionsSql, [schemas as string[]]);
  const found = new Map(schemas.map((schema) => [schema, new Map<string, CatalogFunction[]>()]));
  for (const row of rows) {
    const called = found.get(row.schema)!;
    called.set(row.name, [...(called.get(row.name) ?? []), toFunction(row, relations)]);
  }
  return found;
}

/**
 * Functions of the schemas that take a row of a relation and give one value: computed columns, by the oid of the relation.
 * @see https://docs.postgrest.org/en/v13/references/api/computed_fields.html
 */
export async function readComputed(
  tx: Transaction,
  schemas: readonly string[],
): Promise<ReadonlyMap<number, ReadonlyMap<string, ComputedColumn>>> {
  const rows = await tx.unsafe<
    { relation: number; schema: string; name: string; returned: Omit<TypeRow, 'names'> }[]
  >(computedSql, [schemas as string[]]);
  const found = new Map<number, Map<string, ComputedColumn>>();
  for (const { relation, schema, name, returned } of rows) {
    const ofRelation = found.get(relation) ?? new Map<string, ComputedColumn>();
    ofRelation.set(name, { schema, name, type: toType(returned) });
    found.set(relation, ofRelation);
  }
  return found;
}

function toFunction(row: FunctionRow, relations: ReadonlyMap<number, CatalogRelation>): CatalogFunction {
  const { schema, name, isVolatile, returnsSet } = row;
  const description = row.description ?? undefined;
  const given = row.arguments.filter(({ mode }) => mode === 'o' || mode === 'b' || mode === 't');
  const attributes = given.length > 0 ? given : row.attributes;
  const rowsOf = (columns: readonly (Omit<TypeRow, 'names'> & { readonly name: string })[]) => ({
    ...{
      oid: 0,
      schema,
      storedIn: schema,
      name,
      isTable: false,
      description,
      primaryKey: [],
      computed: new Map(),
      version: undefined,
    },
    columns: new Map(columns.map((column): [string, Column] => [column.name, toColumn(column)])),
  });
  const exposed = row.relation === null ? undefined : relations.get(row.relation);
  return {
    ...{ schema, name, description, isVolatile, returnsSet },
    arguments: row.arguments
      .filter(({ mode }) => mode === 'i' || mode === 'b' || mode === 'v')
      .map((argument) => ({
        name: argument.name,
        type: toType(argument),
        isRequired: !argument.hasDefault,
        isVariadic: argument.mode === 'v',
      })),
    value: attributes ? undefined : toType(row.returned),
    rows: attributes
      ? // What a function gives may be another at any moment.
        { ...(exposed ?? rowsOf(attributes)), version: undefined }
      : rowsOf([{ ...row.returned, name }]),
    namesColumns: row.attributes === null,
  };
}

function toColumn(row: Omit<TypeRow, 'names'> & { readonly name: string }): Column {
  return { name: row.name, type: toType(row), isNullable: true, hasDefault: false, description: undefined };
}

const computedSql = `
  select a.typrelid::int8 as relation, n.nspname as schema, p.proname as name,
         jsonb_build_object('display', format_type(t.oid, null), ${typeProperties}) as returned
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    join pg_type a on a.oid = p.proargtypes[0] and a.typtype = 'c'
    join pg_type t on t.oid = p.prorettype and t.typtype in ('b', 'd', 'e', 'r', 'm')
    ${typeJoins}
   where n.nspname = any($1::text[]) and p.prokind = 'f' and p.pronargs = 1 and not p.proretset and p.provolatile <> 'v' and p.proargmodes is null
   order by n.nspname, p.proname`;

const functionsSql = `
  select n.nspname as schema, p.proname as name, obj_description(p.oid, 'pg_proc') as description,
         p.provolatile = 'v' as "isVolatile", p.proretset as "returnsSet", arguments.list as arguments, returned.type as returned,
         c.oid::int8 as relation, attributes.list as attributes
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    join pg_type r on r.oid = p.prorettype
    left join pg_class c on c.oid = r.typrelid and r.typrelid <> 0
   cross join lateral (
         select coalesce(jsonb_agg(jsonb_build_object('name', coalesce(a.name, ''), 'mode', coalesce(a.mode, 'i'),
                  'hasDefault', a.input > p.pronargs - p.pronargdefaults, 'display', format_type(t.oid, null), ${typeProperties}) order by a.place), '[]') as list
           from (select u.place, u.type, u.name, u.mode, count(*) filter (where coalesce(u.mode, 'i') in ('i', 'b', 'v')) over (order by u.place) as input
                   from rows from (unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])), unnest(p.proargnames), unnest(p.proargmodes))
                        with ordinality as u (type, name, mode, place)) a
           join pg_type t on t.oid = a.type
           ${typeJoins}) arguments
   cross join lateral (
         select jsonb_build_object('display', format_type(t.oid, null), ${typeProperties}) as type
           from pg_type t
           ${typeJoins}
          where t.oid = r.oid) returned
    left join lateral (
         select jsonb_agg(jsonb_build_object('name', a.attname, 'display', format_type(a.atttypid, a.atttypmod), ${typeProperties}) order by a.attnum) as list
           from pg_attribute a
           join pg_type t on t.oid = a.atttypid
           ${typeJoins}
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) attributes on c.oid is not null
   where n.nspname = any($1::text[]) and p.prokind = 'f'
     and r.typname not in ('trigger', 'event_trigger', 'internal', 'language_handler', 'fdw_handler', 'index_am_handler', 'tsm_handler', 'table_am_handler')
     and (r.typname <> 'record' or p.proargmodes is not null)
     and not exists (select from jsonb_array_elements(arguments.list) a where a ->> 'name' = '' and a ->> 'mode' in ('i', 'b', 'v'))
   order by n.nspname, p.proname, p.oid`;
