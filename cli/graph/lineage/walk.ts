import type { Scope } from './scope.js';
import type { Fields, Node } from './tree.js';
import type { Shape, Value } from './value.js';

/** A relation that a query names. */
export interface KnownRelation {
  readonly node: string;
  /** In their order; null: not known. */
  readonly columns: readonly { readonly name: string; readonly type?: string | undefined }[] | null;
}

/** Common table expressions that can be named, the nearest first. */
export interface Ctes {
  readonly name: string;
  readonly shape: () => Shape;
  readonly outer: Ctes | null;
}

/** Where in a query something stands. */
export interface Place {
  readonly scope: Scope | null;
  readonly ctes: Ctes | null;
  /** Named windows of the query. */
  readonly windows: readonly Node[];
  readonly walk: Walk;
}

/** How the parts of a query reach each other: expressions hold queries, and queries expressions. */
export interface Walk {
  /** The relation that a name means; undefined: none of the project. */
  readonly relation: (schema: string | undefined, name: string) => KnownRelation | undefined;
  /** The columns that a query gives. */
  readonly query: (select: Fields, place: Place) => Shape;
  /** What the conditions of a query, which gives rows or none, are made from. */
  readonly conditions: (select: Fields, place: Place) => Value;
}
