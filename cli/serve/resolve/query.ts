import type { CatalogRelation, ColumnType, JoinColumns } from '../catalog/catalog.js';
import type { Aggregate, Comparison, JsonStep } from '../parse/tree.js';

/** A value of one row. Every name in it comes from the catalog. */
export type Expression =
  | { readonly kind: 'column'; readonly of: string; readonly name: string; readonly type: ColumnType }
  /** A function of the row. */
  | {
      readonly kind: 'computed';
      readonly of: string;
      readonly schema: string;
      readonly name: string;
      readonly type: ColumnType;
    }
  | { readonly kind: 'json'; readonly value: Expression; readonly path: readonly JsonStep[] }
  | { readonly kind: 'cast'; readonly value: Expression; readonly type: ColumnType }
  | { readonly kind: 'aggregate'; readonly name: Aggregate; readonly value: Expression | undefined }
  /** What an embedded relation gives its parent: its JSON, or a value that is spread. */
  | {
      readonly kind: 'embedded';
      readonly of: string;
      readonly output: string;
      readonly ifNone: 'null' | 'empty';
    };

export type Predicate =
  | {
      readonly kind: 'comparison';
      readonly isNegated: boolean;
      readonly value: Expression;
      /** What the operand is cast to; undefined: JSON. */
      readonly type: ColumnType | undefined;
      readonly comparison: Comparison;
    }
  | { readonly kind: 'embedded'; readonly of: string; readonly exists: boolean }
  | { readonly kind: 'and' | 'or'; readonly isNegated: boolean; readonly predicates: readonly Predicate[] };

export interface Output {
  readonly name: string;
  readonly value: Expression;
}

export interface Sort {
  readonly value: Expression;
  /** Where rows are grouped: the output that this is, counted from 1. */
  readonly place?: number | undefined;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | undefined;
}

export interface Grouping {
  /** Of outputs, counted from 1. */
  readonly places: readonly number[];
  /** What follows from those, and is sorted by. */
  readonly values: readonly Expression[];
}

/** What a function is called with. */
export interface Call {
  readonly schema: string;
  readonly name: string;
  readonly arguments: readonly {
    readonly name: string;
    readonly type: ColumnType;
    readonly isVariadic: boolean;
    /** The last one counts, unless it is variadic. */
    readonly values: readonly string[];
  }[];
  /** Its columns get their names from the call. */
  readonly namesColumns: boolean;
}

/** Rows of a relation, as they are asked for. */
export interface RowsQuery {
  /** Where the rows come from a function: what that is called with; the relation has its schema and columns. */
  readonly call?: Call;
  readonly relation: CatalogRelation;
  /** Unique in the statement. */
  readonly alias: string;
  readonly outputs: readonly Output[];
  /** Values that are not shown, for the parent's order: by name. */
  readonly hidden: readonly Output[];
  /** Undefined: rows are not grouped. */
  readonly groupBy: Grouping | undefined;
  readonly predicates: readonly Predicate[];
  readonly order: readonly Sort[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
  readonly embeds: readonly Embed[];
}

/** Rows of another relation that belong to a row of this one. */
export interface Embed {
  readonly rows: RowsQuery;
  readonly shape: 'one' | 'many';
  readonly isSpread: boolean;
  /** Rows without any are left out. */
  readonly isInner: boolean;
  /** Of the parent, of the rows (or of the junction). */
  readonly columns: JoinColumns;
  readonly junction:
    | { readonly relation: CatalogRelation; readonly alias: string; readonly columns: JoinColumns }
    | undefined;
}
