import type { Relation } from '../../database/identifiers.js';

/** What the shape of B has otherwise than that of A. */
export type SchemaChange =
  | { readonly change: 'kind'; readonly a: RelationKind; readonly b: RelationKind }
  | { readonly change: 'column_added' | 'column_removed'; readonly column: string; readonly type: string }
  | { readonly change: 'type'; readonly column: string; readonly a: string; readonly b: string }
  | { readonly change: 'not_null'; readonly column: string; readonly a: boolean; readonly b: boolean }
  | { readonly change: 'primary_key'; readonly a: readonly string[]; readonly b: readonly string[] }
  | { readonly change: 'unique_added' | 'unique_removed'; readonly columns: readonly string[] };

export type RelationKind = 'table' | 'view' | 'materialized view' | 'foreign table';

/** A value as Postgres prints it. */
export type TextValue = string | null;

/** A column in which rows of both relations differ. */
export interface ColumnDiff {
  readonly name: string;
  readonly rows: number;
  /** Of the rows that are in both, from 0 to 1. */
  readonly share: number;
  /** The first rows, in the order of the key. */
  readonly samples: readonly {
    readonly key: readonly TextValue[];
    readonly a: TextValue;
    readonly b: TextValue;
  }[];
}

/** How B differs from A. */
export interface RelationDiff {
  readonly a: Relation;
  readonly b: Relation;
  /** Neither shape nor rows differ. */
  readonly isEqual: boolean;
  readonly schema: readonly SchemaChange[];
  /** Null: no key is known. Whole rows were compared, and none can have changed: the old one is only in A, the new one only in B. */
  readonly key: readonly string[] | null;
  /** The columns whose values were compared: those of both, without what was left out. */
  readonly compared: readonly string[];
  readonly rows: {
    readonly a: number;
    readonly b: number;
    readonly onlyA: number;
    readonly onlyB: number;
    readonly changed: number;
    readonly equal: number;
  };
  /** Keys of the first rows that are only in one. */
  readonly onlyA: readonly (readonly TextValue[])[];
  readonly onlyB: readonly (readonly TextValue[])[];
  /** Those with most rows first. */
  readonly columns: readonly ColumnDiff[];
}

/** What a comparison of rows finds. */
export type RowsDiff = Pick<RelationDiff, 'rows' | 'onlyA' | 'onlyB' | 'columns'>;
