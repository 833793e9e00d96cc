import type { Catalog, CatalogRelation, Column, ColumnType, Relationship } from '../serve/catalog/catalog.js';
import type { JsonType, JsonTypes } from './json-types.js';
import { functionLines } from './supabase-functions.js';
import { block, byText, docstring, header, indent, key, literal, union } from './typescript.js';

/**
 * The `Database` type that supabase-js and postgrest-js take, in the shape that `supabase gen types typescript` writes.
 * @see https://supabase.com/docs/guides/api/rest/generating-types
 */
export function supabaseTypes(catalog: Catalog, types: JsonTypes): string {
  const context: Context = { exposed: new Set(catalog.schemas), types };
  return [
    header,
    '',
    'export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];',
    '',
    'export type Database = {',
    '  /** What the server speaks, for the types of the client. */',
    "  __InternalSupabase: { PostgrestVersion: '13' };",
    ...catalog.schemas.flatMap((schema) => indent(schemaLines(catalog, schema, context))),
    '};',
    '',
    ...helpers(catalog.schemas[0]),
    '',
  ].join('\n');
}

interface Context {
  readonly exposed: ReadonlySet<string>;
  readonly types: JsonTypes;
}

function schemaLines(catalog: Catalog, schema: string, context: Context): string[] {
  const relations = [...catalog.relations.get(schema)!.values()];
  const describe = (relation: CatalogRelation) => [
    ...docstring(relation.description),
    ...block(relation.name, [
      ...shapes(relation, context),
      ...relationshipLines(catalog.relationships.get(relation.oid) ?? [], schema),
    ]),
  ];
  const { enums, composites } = typesOf(catalog, schema, context);
  return block(schema, [
    ...block('Tables', relations.filter(({ isTable }) => isTable).flatMap(describe)),
    ...block('Views', relations.filter(({ isTable }) => !isTable).flatMap(describe)),
    ...block(
      'Functions',
      functionLines(catalog, schema, (type) => columnType(type, context)),
    ),
    ...block(
      'Enums',
      enums.map(({ name, labels }) => `${key(name)}: ${union(labels.map(literal))};`),
    ),
    ...block(
      'CompositeTypes',
      composites.flatMap(({ name, attributes }) => block(name, attributeLines(attributes, context))),
    ),
  ]);
}

type Enum = Extract<JsonType, { kind: 'enum' }>;
type Composite = Extract<JsonType, { kind: 'composite' }>;

/** The types of a schema that exposed columns, of any schema, are made of. */
function typesOf(catalog: Catalog, schema: string, { types }: Context) {
  const enums = new Map<string, Enum>();
  const composites = new Map<string, Composite>();
  const visit = (type: JsonType): void => {
    if (type.kind === 'array') visit(type.of);
    if (type.kind === 'enum' && type.schema === schema) enums.set(type.name, type);
    if (type.kind === 'composite') {
      if (type.schema === schema) composites.set(type.name, type);
      for (const attribute of type.attributes.values()) visit(attribute);
    }
  };
  for (const relations of catalog.relations.values())
    for (const { columns, computed } of relations.values())
      for (const { type } of [...columns.values(), ...computed.values()]) visit(types.get(type.sql)!);
  for (const functions of catalog.functions.values())
    for (const { arguments: takes, rows } of [...functions.values()].flat())
      for (const { type } of [...takes, ...rows.columns.values()]) visit(types.get(type.sql)!);
  const sorted = <T extends { name: string }>(found: ReadonlyMap<string, T>) =>
    [...found.values()].sort((one, other) => byText(one.name, other.name));
  return { enums: sorted(enums), composites: sorted(composites) };
}

/** `Row` as it is read; of tables `Insert` and `Update` too, which a server that writes would take. */
function shapes({ columns, computed, isTable }: CatalogRelation, context: Context): string[] {
  const all = [...columns.values()];
  const member = (column: Column, isOptional: boolean) => [
    ...docstring(column.description),
    `${key(column.name)}${isOptional ? '?' : ''}: ${columnType(column.type, context)}${column.isNullable ? ' | null' : ''};`,
  ];
  const shape = (name: string, isOptional: (column: Column) => boolean) =>
    block(
      name,
      all.flatMap((column) => member(column, isOptional(column))),
    );
  return [
    ...block('Row', [
      ...all.flatMap((column) => member(column, false)),
      // The client's types leave them out of `*`, as the API does.
      ...[...computed].map(([name, { type }]) => `${key(name)}: ${columnType(type, context)} | null;`),
    ]),
    ...(isTable
      ? [
          ...shape('Insert', ({ isNullable, hasDefault }) => isNullable || hasDefault),
          ...shape('Update', () => true),
        ]
      : []),
  ];
}

function columnType(type: ColumnType, context: Context): string {
  const json = context.types.get(type.sql)!;
  // Labels on a type that is none: values that a test has proved to be the only ones.
  if (type.enumLabels && json.kind === 'string') return union(type.enumLabels.map(literal));
  return typeText(json, context);
}

function typeText(type: JsonType, context: Context): string {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      return 'number';
    case 'json':
      return 'Json';
    case 'uuid':
      return 'string';
    case 'array': {
      const of = typeText(type.of, context);
      return / [|] |^\{/.test(of) ? `(${of})[]` : `${of}[]`;
    }
    case 'enum':
      return context.exposed.has(type.schema)
        ? `Database[${literal(type.schema)}]['Enums'][${literal(type.name)}]`
        : union(type.labels.map(literal));
    case 'composite':
      return context.exposed.has(type.schema)
        ? `Database[${literal(type.schema)}]['CompositeTypes'][${literal(type.name)}]`
        : `{ ${attributeLines(type.attributes, context).join(' ')} }`;
    default:
      return type.kind;
  }
}

function attributeLines(attributes: ReadonlyMap<string, JsonType>, context: Context): string[] {
  return [...attributes].map(([name, type]) => `${key(name)}: ${typeText(type, context)} | null;`);
}

/** The keys that go out of a relation; the client's types turn them round by themselves. */
function relationshipLines(relationships: readonly Relationship[], schema: string): string[] {
  const along = relationships
    .filter(({ isAlongKey, to }) => isAlongKey && to.schema === schema)
    .sort((one, other) => byText(one.constraint, other.constraint) || byText(one.to.name, other.to.name));
  if (along.length === 0) return ['Relationships: [];'];
  const names = (columns: readonly string[]) => `[${columns.map(literal).join(', ')}]`;
  return [
    'Relationships: [',
    ...along.flatMap(({ constraint, columns, cardinality, to }) =>
      indent([
        '{',
        ...indent([
          `foreignKeyName: ${literal(constraint)};`,
          `columns: ${names(columns.map(([own]) => own))};`,
          `isOneToOne: ${cardinality === 'one-to-one'};`,
          `referencedRelation: ${literal(to.name)};`,
          `referencedColumns: ${names(columns.map(([, other]) => other))};`,
        ]),
        '},',
      ]),
    ),
    '];',
  ];
}

/** `Tables<'x'>` and `Tables<{ schema: 'gold' }, 'x'>`, and the same for the others. */
function helpers(defaultSchema: string | undefined): string[] {
  const of = (name: string, part: string, result: (source: string) => string) => [
    `export type ${name}<`,
    `  NameOrOptions extends keyof ${part.replaceAll('$', 'DefaultSchema')} | { schema: keyof Schemas },`,
    `  Name extends NameOrOptions extends { schema: infer S extends keyof Schemas } ? keyof ${part.replaceAll('$', 'Schemas[S]')} : never = never,`,
    '> = NameOrOptions extends { schema: infer S extends keyof Schemas }',
    `  ? ${result(`${part.replaceAll('$', 'Schemas[S]')}[Name & keyof ${part.replaceAll('$', 'Schemas[S]')}]`)}`,
    `  : ${result(`${part.replaceAll('$', 'DefaultSchema')}[NameOrOptions & keyof ${part.replaceAll('$', 'DefaultSchema')}]`)};`,
  ];
  const member = (field: string) => (source: string) =>
    `${source} extends { ${field}: infer Found } ? Found : never`;
  return [
    "type Schemas = Omit<Database, '__InternalSupabase'>;",
    `type DefaultSchema = ${defaultSchema === undefined ? 'never' : `Schemas[${literal(defaultSchema)}]`};`,
    '',
    ...of('Tables', "($['Tables'] & $['Views'])", member('Row')),
    ...of('TablesInsert', "$['Tables']", member('Insert')),
    ...of('TablesUpdate', "$['Tables']", member('Update')),
    ...of('Enums', "$['Enums']", (source) => source),
    ...of('CompositeTypes', "$['CompositeTypes']", (source) => source),
  ];
}
