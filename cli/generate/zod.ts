import type { Catalog, Column } from '../serve/catalog/catalog.js';
import type { JsonType, JsonTypes } from './json-types.js';
import { byText, docstring, header, indent, key, literal } from './typescript.js';

/** A zod schema for the rows of each exposed relation, as the API sends them: it never refuses what Postgres can send. */
export function zodSchemas(catalog: Catalog, types: JsonTypes): string {
  const relations = [...catalog.relations.values()].flatMap((found) => [...found.values()]);
  const names = typeNames(relations.map(({ schema, name }) => [schema, name]));
  const lines = relations.flatMap(({ columns, description }, place) => [
    '',
    ...docstring(description),
    ...(columns.size === 0
      ? [`export const ${names[place]} = z.object({});`]
      : [
          `export const ${names[place]} = z.object({`,
          ...indent([...columns.values()].flatMap((column) => columnLines(column, types))),
          '});',
        ]),
    `export type ${names[place]} = z.infer<typeof ${names[place]}>;`,
  ]);
  const table = catalog.schemas.flatMap((schema) => [
    `${valueKey(schema)}: {`,
    ...indent(
      relations.flatMap((relation, place) =>
        relation.schema === schema ? [`${valueKey(relation.name)}: ${names[place]},`] : [],
      ),
    ),
    '},',
  ]);
  const body = [
    ...lines,
    '',
    '/** All of them, by schema and name. */',
    'export const schemas = {',
    ...indent(table),
    '};',
  ];
  const used = helpers.filter(({ name }) => body.some((line) => new RegExp(`\\b${name}\\b`).test(line)));
  return [header, "import { z } from 'zod';", ...used.flatMap(({ text }) => ['', ...text]), ...body, ''].join(
    '\n',
  );
}

const helpers = [
  {
    name: 'decimal',
    text: [
      '/** JSON has no NaN and no infinity: Postgres sends them as texts. What is too large for a number here is infinite. */',
      "const decimal = z.union([z.number(), z.literal([Infinity, -Infinity]), z.literal(['NaN', 'Infinity', '-Infinity'])]);",
    ],
  },
  {
    name: 'integer',
    text: ['/** Beyond 2^53 its last digits are lost when JSON is parsed. */', 'const integer = z.number();'],
  },
  {
    name: 'list',
    text: [
      '/** Any column of arrays may hold some of more dimensions, which its type does not say. */',
      'const list = <Of extends z.ZodType>(of: Of): z.ZodType<(z.infer<Of> | null)[]> =>',
      '  z.lazy(() => z.array(z.union([of, z.null(), list(of) as never])));',
    ],
  },
];

function columnLines({ name, description, type, isNullable }: Column, types: JsonTypes): string[] {
  const json = types.get(type.sql)!;
  const schema = type.enumLabels && json.kind === 'string' ? labelsSchema(type.enumLabels) : schemaText(json);
  return [...docstring(description), `${valueKey(name)}: ${schema}${isNullable ? '.nullable()' : ''},`];
}

function schemaText(type: JsonType): string {
  switch (type.kind) {
    case 'uuid':
      return 'z.guid()';
    case 'json':
      return 'z.json()';
    case 'array':
      return `list(${schemaText(type.of)})`;
    case 'enum':
      return labelsSchema(type.labels);
    case 'composite': {
      const attributes = [...type.attributes].map(
        ([name, attribute]) => `${valueKey(name)}: ${schemaText(attribute)}.nullable()`,
      );
      return `z.object({ ${attributes.join(', ')} })`;
    }
    case 'integer':
    case 'decimal':
      return type.kind;
    default:
      return `z.${type.kind}()`;
  }
}

function labelsSchema(labels: readonly string[]): string {
  return labels.length === 0 ? 'z.never()' : `z.enum([${labels.map(literal).join(', ')}])`;
}

/** In the value of an object `__proto__` is no key. */
function valueKey(name: string): string {
  return name === '__proto__' ? "['__proto__']" : key(name);
}

/** `GoldVendasPorMes`: identifiers of TypeScript, each once. */
function typeNames(relations: readonly (readonly [schema: string, name: string])[]): string[] {
  const used = new Set<string>();
  const made = new Map(
    relations
      .map(([schema, name], place) => ({ place, wanted: `${schema}_${name}` }))
      .sort((one, other) => byText(one.wanted, other.wanted))
      .map(({ place, wanted }): [number, string] => {
        const plain = wanted
          .normalize('NFC')
          .split(/[^\p{L}\p{N}]+/u)
          .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
          .join('')
          .replace(/^(?=\P{L}|$)/u, '_');
        let name = plain;
        for (let next = 2; used.has(name); next++) name = `${plain}_${next}`;
        used.add(name);
        return [place, name];
      }),
  );
  return relations.map((_, place) => made.get(place)!);
}
