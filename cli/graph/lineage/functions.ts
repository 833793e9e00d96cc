import { trace } from './expression.js';
import { type Node, open, texts } from './tree.js';
import { type Column, computed, constant, type Shape, type Value } from './value.js';
import type { Place } from './walk.js';

/** Functions of Postgres's own that give one value in each row. */
const ofOneValue = new Set(
  'generate_series generate_subscripts regexp_matches regexp_split_to_table string_to_table json_object_keys jsonb_object_keys jsonb_path_query'.split(
    ' ',
  ),
);
/** Functions of Postgres's own whose columns have names. */
const ofColumns: Readonly<Record<string, readonly string[]>> = {
  json_array_elements: ['value'],
  jsonb_array_elements: ['value'],
  json_array_elements_text: ['value'],
  jsonb_array_elements_text: ['value'],
  json_each: ['key', 'value'],
  jsonb_each: ['key', 'value'],
  json_each_text: ['key', 'value'],
  jsonb_each_text: ['key', 'value'],
};
const arrayMakers = new Set([
  'string_to_array',
  'regexp_split_to_array',
  'regexp_match',
  'tsvector_to_array',
]);
/** Types that are no rows, as Postgres writes them and as its parser does. */
const plainType =
  /^(?:pg_catalog\.)?(?:text|varchar|character varying|bpchar|character|name|int2|smallint|int4|integer|int|int8|bigint|numeric|float4|real|float8|double precision|money|bool|boolean|date|time|timetz|timestamp|timestamptz|(?:timestamp|time) with(?:out)? time zone|interval|uuid|json|jsonb|bytea|inet|cidr|macaddr|oid|xml)(?:\([\d, ]+\))?$/;

/** What one function in a `from` clause gives, and whether its columns are all known. */
export function shapeOfFunction(
  call: Node,
  definitions: readonly Node[],
  alias: string | undefined,
  place: Place,
): Shape {
  const value = computed([trace(call, place)]);
  const named = (names: readonly string[]): Shape => ({ columns: names.map((name) => ({ ...value, name })) });
  if (definitions.length > 0) return named(definitions.map(({ ColumnDef }) => ColumnDef.colname));
  const [kind, fields] = open(call);
  if (kind !== 'FuncCall') return either(alias ?? '', value);
  const names = texts(fields.funcname);
  const name = names.at(-1)!;
  const own = alias ?? name;
  if (names.length > 1 && names[0] !== 'pg_catalog') return either(own, value);
  if (ofColumns[name]) return named(ofColumns[name]);
  if (ofOneValue.has(name)) return named([own]);
  if (name !== 'unnest') return either(own, value);
  const args: readonly Node[] = fields.args ?? [];
  const parts = args.map((arg) => trace(arg, place));
  if (!args.every((arg, i) => isArrayOfValues(arg, parts[i]!))) return either(own, value);
  return {
    columns: parts.map((part) => ({ ...computed([part]), name: args.length > 1 ? 'unnest' : own })),
  };
}

/** A function of which it is not known whether it gives a value or a row: whatever it is, it is made from the arguments. */
function either(name: string, value: Value): Shape {
  return { columns: [], tentative: [{ ...value, name }], rest: () => value };
}

function isArrayOfValues(node: Node, { type }: Value): boolean {
  if (type !== undefined) return type.endsWith('[]') && plainType.test(type.slice(0, -2));
  const [kind, fields] = open(node);
  switch (kind) {
    case 'TypeCast':
      return (
        fields.typeName.arrayBounds !== undefined && plainType.test(texts(fields.typeName.names).join('.'))
      );
    case 'A_ArrayExpr':
      return fields.elements?.length > 0 && isPlain(fields.elements[0]);
    case 'FuncCall':
      return arrayMakers.has(texts(fields.funcname).at(-1)!);
    default:
      return false;
  }
}

function isPlain(node: Node): boolean {
  const [kind, fields] = open(node);
  if (kind === 'A_ArrayExpr') return fields.elements?.length > 0 && isPlain(fields.elements[0]);
  if (kind === 'TypeCast') return plainType.test(texts(fields.typeName.names).join('.'));
  return kind === 'A_Const' && !fields.isnull;
}

/** The number of the row, which `with ordinality` adds. */
export const ordinality: Column = { ...constant, name: 'ordinality' };
