import { randomBytes } from 'node:crypto';
import type { CompiledQuery } from 'kysely';
import type { Clauses, Comparison, Condition, UrlTree } from '../parse/tree.js';
import { arrayLiteral } from './expressions.js';

/** What a URL compares with: one text, or a list of them. */
export type Value = string | readonly string[];

/** A URL's tree apart from what it compares with. */
export interface Shape {
  /** Trees of one key differ in their values only. */
  readonly key: string;
  readonly values: readonly Value[];
}

/** A statement with marks in the place of values. */
export interface Template {
  readonly query: CompiledQuery;
  readonly parameters: readonly Parameter[];
}

type Parameter =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'text' | 'list'; readonly place: number };

/** Nobody can write it into a URL. */
const secret = randomBytes(9).toString('base64url');
const markOf = (place: number) => `${secret}:${place}:`;
const marked = new RegExp(`^(\\{")?${secret}:(\\d+):("\\})?$`);

/** Takes the values out of a tree: statements are made once for all trees of a shape. Made for each request, so it makes as little as it can. */
export function shapeOf(tree: UrlTree): Shape {
  const values: Value[] = [];
  let key = JSON.stringify(tree.select) + clausesKey(tree.root, values);
  for (const { path, clauses } of tree.embedded.values())
    key += JSON.stringify(path) + clausesKey(clauses, values);
  return { key, values };
}

function clausesKey({ conditions, order, limit, offset }: Clauses, values: Value[]): string {
  let key = `;${limit},${offset}`;
  if (order.length > 0) key += JSON.stringify(order);
  for (const condition of conditions) key += conditionKey(condition, values);
  return key;
}

function conditionKey(condition: Condition, values: Value[]): string {
  const { kind, isNegated } = condition;
  if (kind !== 'filter')
    return `${kind}${isNegated}(${condition.conditions.map((inner) => conditionKey(inner, values)).join('')})`;
  const { field, comparison } = condition;
  const key = `|${JSON.stringify(field)}${isNegated}${comparison.kind}`;
  switch (comparison.kind) {
    case 'is':
      return key + comparison.value;
    case 'in':
      values.push(comparison.values);
      return key;
    case 'compare':
      values.push(comparison.value);
      return `${key}${comparison.operator}${comparison.quantifier}`;
    case 'search':
      values.push(comparison.value);
      return `${key}${comparison.operator}${JSON.stringify(comparison.language)}`;
  }
}

/** The tree with a mark in the place of each value, in the order in which `shapeOf` takes them. */
export function markedTree(tree: UrlTree): UrlTree {
  let places = 0;
  const comparison = (asked: Comparison): Comparison => {
    switch (asked.kind) {
      case 'compare':
      case 'search':
        return { ...asked, value: markOf(places++) };
      case 'in':
        return { ...asked, values: [markOf(places++)] };
      case 'is':
        return asked;
    }
  };
  const condition = (one: Condition): Condition =>
    one.kind === 'filter'
      ? { ...one, comparison: comparison(one.comparison) }
      : { ...one, conditions: one.conditions.map(condition) };
  const clauses = (of: Clauses): Clauses => ({ ...of, conditions: of.conditions.map(condition) });
  return {
    select: tree.select,
    root: clauses(tree.root),
    embedded: new Map(
      [...tree.embedded].map(([name, { path, clauses: own }]) => [name, { path, clauses: clauses(own) }]),
    ),
  };
}

/** Finds the marks in a statement that was made of a shape's tree. */
export function toTemplate(query: CompiledQuery): Template {
  return {
    query,
    parameters: query.parameters.map((value): Parameter => {
      const found = typeof value === 'string' ? marked.exec(value) : null;
      if (!found) return { kind: 'constant', value };
      return { kind: found[1] === undefined ? 'text' : 'list', place: Number(found[2]) };
    }),
  };
}

/**
 * Puts values in the place of the marks.
 * @returns undefined where a list of several has the place of one text: types without arrays are compared one by one
 */
export function bind({ query, parameters }: Template, values: readonly Value[]): CompiledQuery | undefined {
  const bound: unknown[] = [];
  for (const parameter of parameters) {
    if (parameter.kind === 'constant') {
      bound.push(parameter.value);
      continue;
    }
    const value = values[parameter.place]!;
    if (parameter.kind === 'list') bound.push(arrayLiteral(value as readonly string[]));
    else if (typeof value === 'string') bound.push(value);
    else if (value.length === 1) bound.push(value[0]);
    else return undefined;
  }
  return { ...query, parameters: bound };
}
