import type postgres from 'postgres';

export interface CatalogTable {
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly CatalogColumn[];
}

interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly comment: string | null;
  readonly notNull: boolean;
  readonly isKey: boolean;
}

/** The schema cache: what tables there are, whoever may read them. */
export async function readCatalog(
  sql: postgres.Sql,
  schemas: readonly string[],
): Promise<Map<string, Map<string, CatalogTable>>> {
  const rows = await sql<(Omit<CatalogColumn, 'isKey'> & Record<string, any>)[]>`
    select n.nspname as schema, c.relname as relation, obj_description(c.oid, 'pg_class') as relation_comment, a.attname as name,
           format_type(a.atttypid, null) as type, col_description(c.oid, a.attnum) as comment, a.attnotnull as "notNull",
           coalesce(a.attnum = any(p.conkey), false) as "isKey"
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_constraint p on p.conrelid = c.oid and p.contype = 'p'
     where n.nspname = any(${schemas as string[]}) and c.relkind in ('r', 'p', 'v', 'm', 'f')
     order by n.nspname, c.relname, a.attnum`;
  const catalog = new Map(schemas.map((schema) => [schema, new Map<string, CatalogTable>()]));
  for (const { schema, relation, relation_comment, name, type, comment, notNull, isKey } of rows) {
    const tables = catalog.get(schema)!;
    const table = tables.get(relation) ?? { name: relation, comment: relation_comment, columns: [] };
    tables.set(relation, {
      ...table,
      columns: [...table.columns, { name, type, comment, notNull, isKey }],
    });
  }
  return catalog;
}

const jsonTypes: readonly (readonly [RegExp, string])[] = [
  [/^(bigint|smallint|integer)$/, 'integer'],
  [/^(numeric|real|double precision)$/, 'number'],
  [/^boolean$/, 'boolean'],
  [/\[\]$/, 'array'],
];

/** The description at the root: Swagger 2.0, keys marked in the descriptions of their columns. */
export function openApi(tables: Iterable<CatalogTable>, version: string): unknown {
  const definitions: Record<string, unknown> = {};
  for (const { name, comment, columns } of tables) {
    definitions[name] = {
      ...(comment !== null && { description: comment }),
      required: columns.filter(({ notNull }) => notNull).map((column) => column.name),
      properties: Object.fromEntries(
        columns.map((column) => {
          const description = [
            column.comment,
            column.isKey ? 'Note:\nThis is a Primary Key.<pk/>' : null,
          ].filter((text) => text !== null);
          return [
            column.name,
            {
              ...(description.length > 0 && { description: description.join('\n\n') }),
              format: column.type,
              type: jsonTypes.find(([pattern]) => pattern.test(column.type))?.[1] ?? 'string',
            },
          ];
        }),
      ),
      type: 'object',
    };
  }
  return { swagger: '2.0', info: { title: 'standard public schema', version }, paths: {}, definitions };
}
