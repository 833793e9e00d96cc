import { randomBytes } from 'node:crypto';
import type { CompiledQuery } from 'kysely';
import type { Comparison, Condition, UrlTree } from '../parse/tree.js';
import { arrayLiteral } from './expressions.js';

/** What a URL compares with: one text, or a list of them. */
export type Value = string | readonly string[];

/** A URL's tree apart from what it compares with. */
export interface Shape {
  /** Trees of one key differ in their values only. */
  readonly key: string;
  /** The tree with a mark in the place of each value. */
  readonly tree: UrlTree;
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

/** Takes the values out of a tree: statements are made once for all trees of a shape. */
export function shapeOf(tree: UrlTree): Shape {
  const values: Value[] = [];
  const mark = (value: Value) => markOf(values.push(value) - 1);
  const comparison = (asked: Comparison): Comparison => {
    switch (asked.kind) {
      case 'compare':
      case 'search':
        return { ...asked, value: mark(asked.value) };
      case 'in':
        return { ...asked, values: [mark(asked.values)] };
      case 'is':
        return asked;
    }
  };
  const condition = (one: Condition): Condition =>
    one.kind === 'filter'
      ? { ...one, comparison: comparison(one.comparison) }
      : { ...one, conditions: one.conditions.map(condition) };
  const clauses = (of: UrlTree['root']) => ({ ...of, conditions: of.conditions.map(condition) });
  const shaped: UrlTree = {
    select: tree.select,
    root: clauses(tree.root),
    embedded: new Map(
      [...tree.embedded].map(([name, { path, clauses: own }]) => [name, { path, clauses: clauses(own) }]),
    ),
  };
  return {
    key: JSON.stringify([shaped.select, shaped.root, [...shaped.embedded.values()]]),
    tree: shaped,
    values,
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
