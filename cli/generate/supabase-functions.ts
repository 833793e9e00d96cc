import type { Catalog, CatalogFunction, CatalogRelation, ColumnType } from '../serve/catalog/catalog.js';
import { block, byText, docstring, indent, key, literal, union } from './typescript.js';

/** A type of Postgres as TypeScript. */
export type TypeText = (type: ColumnType) => string;

/** The members of `Functions`: those that the API calls. Several of one name are alternatives. */
export function functionLines(catalog: Catalog, schema: string, typeText: TypeText): string[] {
  const computed = computedShapes(catalog, schema, typeText);
  const called = [...(catalog.functions.get(schema) ?? [])]
    .filter(([name]) => !computed.has(name))
    .map(([name, all]) => {
      const callable = all.filter(({ isVolatile }) => !isVolatile);
      const description = callable.length === 1 ? callable[0]!.description : undefined;
      return { name, description, shapes: callable.map((one) => shapeLines(one, schema, typeText)) };
    })
    .filter(({ shapes }) => shapes.length > 0);
  return [...called, ...[...computed].map(([name, shapes]) => ({ name, shapes, description: undefined }))]
    .sort((one, other) => byText(one.name, other.name))
    .flatMap(({ name, shapes, description }) => {
      if (shapes.length === 1) return [...docstring(description), ...block(name, shapes[0]!)];
      const sorted = shapes.sort((one, other) => byText(one.join(), other.join()));
      return [
        `${key(name)}:`,
        ...sorted.flatMap((lines, i) =>
          indent(['| {', ...indent(lines), i === sorted.length - 1 ? '};' : '}']),
        ),
      ];
    });
}

/** Computed columns: functions that take a row, which has no name. The client's types know them by that. */
function computedShapes(catalog: Catalog, schema: string, typeText: TypeText): Map<string, string[][]> {
  const shapes = new Map<string, string[][]>();
  for (const relation of catalog.relations.get(schema)!.values())
    for (const [name, { type }] of relation.computed)
      shapes.set(name, [
        ...(shapes.get(name) ?? []),
        [...block('Args', [`'': ${rowOf(relation)};`]), `Returns: ${typeText(type)};`],
      ]);
  return shapes;
}

function rowOf({ schema, name, isTable }: CatalogRelation): string {
  return `Database[${literal(schema)}][${literal(isTable ? 'Tables' : 'Views')}][${literal(name)}]['Row']`;
}

function shapeLines(
  { arguments: takes, value, rows, returnsSet }: CatalogFunction,
  schema: string,
  typeText: TypeText,
): string[] {
  const listed = (text: string) => (returnsSet ? `${/ [|] /.test(text) ? `(${text})` : text}[]` : text);
  const args = takes.map(
    ({ name, type, isRequired }) => `${key(name)}${isRequired ? '' : '?'}: ${typeText(type)};`,
  );
  const argsLines = args.length === 0 ? ['Args: never;'] : block('Args', args);
  if (value) return [...argsLines, `Returns: ${listed(typeText(value))};`];
  if (rows.oid !== 0 && rows.schema === schema)
    return [
      ...argsLines,
      `Returns: ${listed(rowOf(rows))};`,
      ...block('SetofOptions', [
        "from: '*';",
        `to: ${literal(rows.name)};`,
        `isOneToOne: ${!returnsSet};`,
        `isSetofReturn: ${returnsSet};`,
      ]),
    ];
  const columns = [...rows.columns.values()].map(
    ({ name, type }) => `${key(name)}: ${union([typeText(type), 'null'])};`,
  );
  return [...argsLines, 'Returns: {', ...indent(columns), returnsSet ? '}[];' : '};'];
}
