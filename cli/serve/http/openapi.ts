import type {
  Catalog,
  CatalogFunction,
  CatalogRelation,
  Column,
  ColumnType,
  Relationship,
} from '../catalog/catalog.js';

type Json = Readonly<Record<string, unknown>>;

const produces = [
  'application/json',
  'application/vnd.pgrst.object+json;nulls=stripped',
  'application/vnd.pgrst.object+json',
  'text/csv',
];

/** Parameters that every table takes. */
const shared: Readonly<Record<string, Json>> = {
  preferCount: {
    name: 'Prefer',
    description: 'Preference',
    required: false,
    in: 'header',
    type: 'string',
    enum: ['count=exact', 'count=planned', 'count=estimated'],
  },
  select: { name: 'select', description: 'Filtering Columns', required: false, in: 'query', type: 'string' },
  order: { name: 'order', description: 'Ordering', required: false, in: 'query', type: 'string' },
  range: {
    name: 'Range',
    description: 'Limiting and Pagination',
    required: false,
    in: 'header',
    type: 'string',
  },
  offset: {
    name: 'offset',
    description: 'Limiting and Pagination',
    required: false,
    in: 'query',
    type: 'string',
  },
  limit: {
    name: 'limit',
    description: 'Limiting and Pagination',
    required: false,
    in: 'query',
    type: 'string',
  },
};

/**
 * Describes the tables of a schema as PostgREST does at its root, so that its clients' generators can read it.
 * @see https://docs.postgrest.org/en/v13/references/api/openapi.html
 * @see https://swagger.io/specification/v2/
 */
export function openApi(catalog: Catalog, schema: string, host: string, version: string): Json {
  const relations = [...(catalog.relations.get(schema)?.values() ?? [])];
  // A path stands once: of functions of one name, the first.
  const functions = [...(catalog.functions.get(schema)?.values() ?? [])].flatMap(
    (ofName) => ofName.find(({ isVolatile }) => !isVolatile) ?? [],
  );
  return {
    swagger: '2.0',
    info: {
      title: `Tables and views of ${schema}`,
      description: 'A read API in the dialect of PostgREST',
      version,
    },
    host,
    basePath: '/',
    schemes: ['http'],
    consumes: ['application/json'],
    produces,
    paths: Object.fromEntries([
      ...relations.map((relation) => [`/${relation.name}`, { get: reading(relation) }]),
      ...functions.map((one) => [`/rpc/${one.name}`, { get: calling(one) }]),
    ]),
    definitions: Object.fromEntries(
      relations.map((relation) => [
        relation.name,
        definition(relation, catalog.relationships.get(relation.oid) ?? []),
      ]),
    ),
    parameters: {
      ...shared,
      ...Object.fromEntries(
        relations.flatMap((relation) =>
          [...relation.columns.values()].map((column) => filter(relation, column)),
        ),
      ),
    },
    externalDocs: {
      description: 'PostgREST Documentation',
      url: 'https://docs.postgrest.org/en/v13/references/api.html',
    },
  };
}

function reading(relation: CatalogRelation): Json {
  const [summary, ...rest] = (relation.description ?? '').split('\n');
  return {
    tags: [relation.name],
    ...(summary && { summary }),
    ...(rest.length > 0 && { description: rest.join('\n').trim() }),
    parameters: [
      ...[...relation.columns.keys()].map((column) => ({
        $ref: `#/parameters/rowFilter.${relation.name}.${column}`,
      })),
      ...Object.keys(shared).map((name) => ({ $ref: `#/parameters/${name}` })),
    ],
    responses: {
      200: {
        description: 'OK',
        schema: { type: 'array', items: { $ref: `#/definitions/${relation.name}` } },
      },
      206: { description: 'Partial Content' },
    },
  };
}

function calling({ name, description, arguments: takes }: CatalogFunction): Json {
  const [summary, ...rest] = (description ?? '').split('\n');
  return {
    tags: [`(rpc) ${name}`],
    ...(summary && { summary }),
    ...(rest.length > 0 && { description: rest.join('\n').trim() }),
    produces: ['application/json', 'application/vnd.pgrst.object+json'],
    parameters: takes.map((argument) => ({
      ...{ name: argument.name, in: 'query', required: argument.isRequired },
      ...(argument.isVariadic
        ? { type: 'array', items: { type: 'string' }, collectionFormat: 'multi' }
        : { type: 'string' }),
      format: argument.type.display,
    })),
    responses: { 200: { description: 'OK' } },
  };
}

function filter(relation: CatalogRelation, { name, description, type }: Column): [string, Json] {
  return [
    `rowFilter.${relation.name}.${name}`,
    {
      name,
      ...(description && { description }),
      required: false,
      in: 'query',
      type: 'string',
      format: type.display,
    },
  ];
}

function definition(relation: CatalogRelation, relationships: readonly Relationship[]): Json {
  const columns = [...relation.columns.values()];
  const required = columns.filter(({ isNullable }) => !isNullable).map(({ name }) => name);
  return {
    ...(relation.description && { description: relation.description }),
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      columns.map((column) => [column.name, property(relation, column, relationships)]),
    ),
    type: 'object',
  };
}

function property(relation: CatalogRelation, column: Column, relationships: readonly Relationship[]): Json {
  const key = relationships.find(
    ({ isAlongKey, columns }) => isAlongKey && columns.length === 1 && columns[0]![0] === column.name,
  );
  // The wording is what generators look for.
  const notes = [
    ...(relation.primaryKey.includes(column.name) ? ['This is a Primary Key.<pk/>'] : []),
    ...(key
      ? [
          `This is a Foreign Key to \`${key.to.name}.${key.columns[0]![1]}\`.<fk table='${key.to.name}' column='${key.columns[0]![1]}'/>`,
        ]
      : []),
  ];
  const description = [column.description, notes.length > 0 && `Note:\n${notes.join('\n')}`]
    .filter(Boolean)
    .join('\n\n');
  return { ...(description && { description }), ...typeOf(column.type) };
}

function typeOf(type: ColumnType): Json {
  const format = type.display;
  if (type.enumLabels) return { type: 'string', format, enum: type.enumLabels };
  if (type.category === 'A') return { type: 'array', format, items: { type: arrayItem(format) } };
  if (/^jsonb?$/.test(type.base)) return { format };
  const length = /^character(?: varying)?\((\d+)\)$/.exec(format)?.[1];
  return { type: simpleType(type), format, ...(length && { maxLength: Number(length) }) };
}

function simpleType({ category, base }: ColumnType): string {
  if (category === 'B') return 'boolean';
  if (category !== 'N') return 'string';
  return /^int[248]$/.test(base) ? 'integer' : 'number';
}

function arrayItem(display: string): string {
  if (/^(smallint|integer|bigint)\b/.test(display)) return 'integer';
  if (/^(numeric|real|double precision)\b/.test(display)) return 'number';
  return display.startsWith('boolean') ? 'boolean' : 'string';
}
