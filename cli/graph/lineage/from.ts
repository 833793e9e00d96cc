import { trace } from './expression.js';
import { ordinality, shapeOfFunction } from './functions.js';
import { join } from './join.js';
import type { Item } from './scope.js';
import { type Fields, type Node, open, texts } from './tree.js';
import {
  type Column,
  columnOf,
  computed,
  constant,
  renamed,
  type Shape,
  sideBySide,
  unknownShape,
  unknownValue,
} from './value.js';
import type { Place } from './walk.js';

/** What stands in a `from` clause: how its columns can be named, and what `*` gives. */
export interface FromPart {
  readonly items: readonly Item[];
  readonly shape: Shape;
}

/**
 * @param place of the query: what is around it
 * @param left what stands before it in the same clause, which only `lateral` parts and functions see
 */
export function fromPart(node: Node, place: Place, left: readonly Item[]): FromPart {
  const [kind, fields] = open(node);
  const lateral: Place = { ...place, scope: { items: left, outer: place.scope } };
  switch (kind) {
    case 'RangeVar':
      return relation(fields, place);
    case 'RangeSubselect': {
      const shape = place.walk.query(fields.subquery.SelectStmt, fields.lateral ? lateral : place);
      return aliased(shape, fields.alias, null);
    }
    case 'RangeFunction':
      return functions(fields, lateral);
    case 'RangeTableSample':
      return fromPart(fields.relation, place, left);
    case 'RangeTableFunc':
      return aliased(xmlTable(fields, lateral), fields.alias, 'xmltable');
    case 'JsonTable':
      return aliased(jsonTable(fields, lateral), fields.alias, 'json_table');
    case 'JoinExpr': {
      const first = fromPart(fields.larg, place, left);
      return join(fields, first, fromPart(fields.rarg, place, [...left, ...first.items]));
    }
    default:
      return aliased(unknownShape, fields.alias, null);
  }
}

function relation({ schemaname, relname, alias }: Fields, { ctes, walk }: Place): FromPart {
  if (schemaname === undefined)
    for (let cte = ctes; cte; cte = cte.outer)
      if (cte.name === relname) return aliased(cte.shape(), alias, relname);
  return aliased(shapeOfRelation(walk.relation(schemaname, relname)), alias, relname, schemaname);
}

function shapeOfRelation(known: ReturnType<Place['walk']['relation']>): Shape {
  if (!known) return unknownShape;
  const { node, columns } = known;
  return columns
    ? { columns: columns.map(({ name, type }) => ({ ...columnOf(node, name, type), name })) }
    : { columns: [], rest: (name) => columnOf(node, name) };
}

function aliased(shape: Shape, alias: Fields | undefined, name: string | null, schema?: string): FromPart {
  const named = renamed(shape, texts(alias?.colnames));
  const item = alias ? { name: alias.aliasname as string } : { name, schema };
  return { items: [{ ...item, shape: named, showsColumns: true }], shape: named };
}

function functions(
  { functions: calls, alias, coldeflist, ordinality: isCounted }: Fields,
  place: Place,
): FromPart {
  const name: string | undefined = calls.length === 1 ? alias?.aliasname : undefined;
  const shapes = (calls as readonly Node[]).map(({ List: { items } }) =>
    shapeOfFunction(items[0], coldeflist ?? items[1]?.List?.items ?? [], name, place),
  );
  const first = texts(open(calls[0].List.items[0])[1].funcname).at(-1) ?? null;
  const whole = isCounted ? [...shapes, { columns: [ordinality] }] : shapes;
  const shape = renamedTogether(whole, texts(alias?.colnames));
  return aliased(shape, alias && { aliasname: alias.aliasname }, first);
}

/** The first name is that of the first function, whatever it gives; further ones may be those of the next, or of the ordinality. */
function renamedTogether(shapes: readonly Shape[], names: readonly string[]): Shape {
  const all = sideBySide(shapes);
  if (names.length === 0 || !all.rest || shapes.length === 1) return renamed(all, names);
  const [first, ...others] = names;
  return {
    columns: [
      { ...(shapes[0]!.columns[0] ?? shapes[0]!.rest?.(first!) ?? unknownValue), name: first! },
      ...others.map((name) => ({ ...unknownValue, name })),
    ],
    rest: () => unknownValue,
  };
}

function xmlTable({ docexpr, rowexpr, columns }: Fields, place: Place): Shape {
  const read = [docexpr, rowexpr].map((part) => trace(part, place));
  return {
    columns: (columns as readonly Node[]).map(({ RangeTableFuncCol: column }) => {
      const parts = [column.colexpr, column.coldefexpr].filter(Boolean).map((part) => trace(part, place));
      return { ...(column.for_ordinality ? constant : computed([...read, ...parts])), name: column.colname };
    }),
  };
}

function jsonTable({ context_item, passing, columns }: Fields, place: Place): Shape {
  const value = computed([trace({ JsonValueExpr: context_item }, place), trace({ Passing: passing }, place)]);
  const named = (nodes: readonly Node[]): Column[] =>
    nodes.flatMap(({ JsonTableColumn: column }) =>
      column.coltype === 'JTC_NESTED'
        ? named(column.columns ?? [])
        : [{ ...(column.coltype === 'JTC_FOR_ORDINALITY' ? constant : value), name: column.name }],
    );
  return { columns: named(columns) };
}
