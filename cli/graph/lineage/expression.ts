import { findItem, lookUp, lookUpIn } from './scope.js';
import { type Fields, isStar, type Node, nodesBelow, open, texts } from './tree.js';
import { columnIn, computed, constant, rowOf, unknownValue, type Value } from './value.js';
import type { Place } from './walk.js';

/**
 * What the value of an expression is made from: every column that stands in it, those of its conditions, `filter` and `over` too; of a subquery the
 * columns that it gives, and of `exists` those of its conditions.
 */
export function trace(expression: Node, place: Place): Value {
  const [kind, fields] = open(expression);
  switch (kind) {
    case 'ColumnRef':
      return ofReference(fields, place);
    case 'A_Indirection':
      return ofIndirection(fields, place);
    case 'SubLink':
      return ofSubquery(fields, place);
    case 'SelectStmt':
      return everyColumn(fields, place);
    case 'FuncCall':
      return computed(partsOf({ ...fields, over: fields.over && windowOf(fields.over, place) }, place));
    default:
      return computed(partsOf(fields, place));
  }
}

/** The values of all expressions below a node. */
function partsOf(fields: unknown, place: Place): Value[] {
  return nodesBelow(fields).map((node) => trace(node, place));
}

function ofReference({ fields }: Fields, { scope }: Place): Value {
  const names = texts(fields);
  if (isStar(fields.at(-1))) {
    const item = names.length === 0 ? undefined : findItem(names.at(-1)!, names.at(-2), scope);
    return item ? rowOf(item.shape) : unknownValue;
  }
  const [column, relation, schema] = names.reverse();
  return relation === undefined ? lookUp(column!, scope) : lookUpIn(relation, schema, column!, scope);
}

/** `(row).field`, `list[1]`. */
function ofIndirection({ arg, indirection }: Fields, place: Place): Value {
  return (indirection as readonly Node[]).reduce<Value>(
    (value, step) => {
      const [name] = texts([step]);
      if (name === undefined) return isStar(step) ? value : computed([value, ...partsOf(step, place)]);
      return (value.fields && columnIn(value.fields, name)) ?? computed([value]);
    },
    trace(arg, place),
  );
}

function ofSubquery({ subLinkType, testexpr, subselect }: Fields, place: Place): Value {
  if (subLinkType === 'EXISTS_SUBLINK') return place.walk.conditions(subselect.SelectStmt, place);
  return computed([testexpr ? trace(testexpr, place) : constant, everyColumn(subselect.SelectStmt, place)]);
}

function everyColumn(select: Fields, place: Place): Value {
  const { columns, rest } = place.walk.query(select, place);
  return rest ? unknownValue : computed(columns);
}

/** A window with what it takes over from those that it names. */
function windowOf(window: Fields, { windows }: Place): unknown {
  const parts: unknown[] = [];
  let next: Fields | undefined = window;
  while (next && !parts.includes(next)) {
    parts.push(next);
    const name: string | undefined = next.refname ?? (next === window ? next.name : undefined);
    next = windows.find(({ WindowDef: known }) => name !== undefined && known.name === name)?.WindowDef;
  }
  return parts;
}
