import type { Catalog, CatalogFunction, ColumnType } from '../serve/catalog/catalog.js';
import { block, byText, docstring, indent, key, literal, union } from './typescript.js';

/** A type of Postgres as TypeScript. */
export type TypeText = (type: ColumnType) => string;

/** The members of `Functions`: those that the API calls. Several of one name are alternatives. */
export function functionLines(catalog: Catalog, schema: string, typeText: TypeText): string[] {
  return [...(catalog.functions.get(schema) ?? [])]
    .map(([name, all]) => [name, all.filter(({ isVolatile }) => !isVolatile)] as const)
    .filter(([, callable]) => callable.length > 0)
    .sort(([one], [other]) => byText(one, other))
    .flatMap(([name, callable]) => {
      const shapes = callable.map((one) => shapeLines(one, schema, typeText));
      if (shapes.length === 1) return [...docstring(callable[0]!.description), ...block(name, shapes[0]!)];
      const sorted = shapes.sort((one, other) => byText(one.join(), other.join()));
      return [
        `${key(name)}:`,
        ...sorted.flatMap((lines, i) =>
          indent(['| {', ...indent(lines), i === sorted.length - 1 ? '};' : '}']),
        ),
      ];
    });
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
      `Returns: ${listed(`Database[${literal(schema)}][${literal(rows.isTable ? 'Tables' : 'Views')}][${literal(rows.name)}]['Row']`)};`,
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
