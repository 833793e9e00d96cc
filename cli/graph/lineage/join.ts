import type { Item } from './scope.js';
import { type Fields, texts } from './tree.js';
import {
  type Column,
  columnIn,
  constant,
  oneOf,
  renamed,
  type Shape,
  sideBySide,
  unknownShape,
  unknownValue,
  type Value,
} from './value.js';

interface Side {
  readonly items: readonly Item[];
  readonly shape: Shape;
}

/**
 * A join shows the columns of both sides, those of `using` once and first. Its sides can still be named, unless it has an alias.
 * @see transformFromClauseItem in https://github.com/postgres/postgres/blob/master/src/backend/parser/parse_clause.c
 */
export function join(
  fields: Fields,
  left: Side,
  right: Side,
): { readonly items: readonly Item[]; readonly shape: Shape } {
  const names = fields.isNatural ? commonNames(left.shape, right.shape) : texts(fields.usingClause);
  const merged = names?.map((name) => ({
    ...mergedValue(fields.jointype, columnIn(left.shape, name), columnIn(right.shape, name)),
    name,
  }));
  const shape = merged ? withMerged(merged, left.shape, right.shape) : unknownShape;
  const { alias, join_using_alias: mergedAlias } = fields;
  if (alias) {
    const named = renamed(shape, texts(alias.colnames));
    return { items: [{ name: alias.aliasname, shape: named, showsColumns: true }], shape: named };
  }
  const hidden = [...left.items, ...right.items].map((item) => ({ ...item, showsColumns: false }));
  const using: Item[] = mergedAlias
    ? [{ name: mergedAlias.aliasname, shape: { columns: merged ?? [] }, showsColumns: false }]
    : [];
  return { items: [...hidden, ...using, { name: null, shape, showsColumns: true }], shape };
}

/** Undefined: not known. */
function commonNames(left: Shape, right: Shape): string[] | undefined {
  if (left.rest || right.rest) return undefined;
  return left.columns.flatMap(({ name }) =>
    right.columns.some((column) => column.name === name) ? [name] : [],
  );
}

/** The side whose value is always there is the one that is shown. */
function mergedValue(jointype: string, left: Value = unknownValue, right: Value = unknownValue): Value {
  if (jointype === 'JOIN_FULL') return { ...oneOf([left, right, constant]), isPassedOn: false };
  return jointype === 'JOIN_RIGHT' ? right : left;
}

function withMerged(merged: readonly Column[], left: Shape, right: Shape): Shape {
  const names = new Set(merged.map(({ name }) => name));
  const others = sideBySide([left, right]);
  return { ...others, columns: [...merged, ...others.columns.filter(({ name }) => !names.has(name))] };
}
