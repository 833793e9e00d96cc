import { nameOfColumn } from './column-name.js';
import { trace } from './expression.js';
import { fromPart } from './from.js';
import { findItem, type Item } from './scope.js';
import { type Fields, isStar, type Node, open, texts } from './tree.js';
import {
  type Column,
  computed,
  oneOf,
  type Shape,
  starOf,
  unknownShape,
  unknownValue,
  type Value,
} from './value.js';
import type { Place, Walk } from './walk.js';
import { withCtes } from './with.js';

/** Makes what looks into queries, given the relations that they may name. */
export function createWalk(relation: Walk['relation']): Walk {
  return { relation, query: shapeOfQuery, conditions: valueOfConditions };
}

/** The columns that a query gives. */
function shapeOfQuery(select: Fields, around: Place): Shape {
  const place = { ...around, ctes: withCtes(select.withClause, around) };
  if (select.larg) return setOperation(select, place);
  if (select.valuesLists) return valuesLists(select.valuesLists, place);
  const inside = insideOf(select, place);
  const parts = ((select.targetList ?? []) as readonly Node[]).map(({ ResTarget: { name, val } }) =>
    targetOf(name, val, inside),
  );
  return starOf(parts);
}

/** The query as its own expressions see it. */
function insideOf(select: Fields, place: Place): Place {
  const items: Item[] = [];
  for (const node of select.fromClause ?? []) items.push(...fromPart(node, place, items).items);
  return { ...place, scope: { items, outer: place.scope }, windows: select.windowClause ?? [] };
}

function targetOf(name: string | undefined, expression: Node, place: Place): Shape {
  const [kind, fields] = open(expression);
  if (kind === 'ColumnRef' && isStar(fields.fields.at(-1))) return allOf(texts(fields.fields), place);
  if (kind === 'A_Indirection' && isStar(fields.indirection.at(-1))) {
    const { fields: row } = trace(expression, place);
    return row ? starOf([row]) : unknownShape;
  }
  const column: Column = {
    ...trace(expression, place),
    name: name ?? nameOfColumn(expression, (select) => place.walk.query(select, place).columns[0]?.name),
  };
  return { columns: [column] };
}

/** `*`, `relation.*`, `schema.relation.*`. */
function allOf(names: readonly string[], { scope }: Place): Shape {
  if (names.length === 0)
    return starOf(scope!.items.filter(({ showsColumns }) => showsColumns).map(({ shape }) => shape));
  const item = findItem(names.at(-1)!, names.at(-2), scope);
  return item ? starOf([item.shape]) : unknownShape;
}

/** Columns meet by their position; the right side of `except` only takes rows away. */
function setOperation(select: Fields, place: Place): Shape {
  const left = place.walk.query(select.larg, place);
  const right = place.walk.query(select.rarg, place);
  if (select.op === 'SETOP_EXCEPT') return left;
  const isKnown = !left.rest && !right.rest;
  return {
    columns: left.columns.map((column, i) => ({
      ...(isKnown && right.columns[i] ? oneOf([column, right.columns[i]]) : unknownValue),
      name: column.name,
    })),
    rest: left.rest,
  };
}

function valuesLists(lists: readonly Node[], place: Place): Shape {
  const rows = lists.map(({ List: { items } }) =>
    (items as readonly Node[]).map((item) => trace(item, place)),
  );
  return {
    columns: rows[0]!.map((_, i) => ({
      ...oneOf(rows.map((row) => row[i] ?? unknownValue)),
      name: `column${i + 1}`,
    })),
  };
}

function valueOfConditions(select: Fields, around: Place): Value {
  const place = { ...around, ctes: withCtes(select.withClause, around) };
  if (select.larg) return computed([select.larg, select.rarg].map((side) => valueOfConditions(side, place)));
  if (select.valuesLists) return computed([]);
  const inside = insideOf(select, place);
  return computed(
    [select.whereClause, select.havingClause].filter(Boolean).map((condition) => trace(condition, inside)),
  );
}
