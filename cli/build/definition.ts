import type { ColumnSource } from '../graph/lineage/lineage.js';

/**
 * What the catalog shows of a node and the database cannot tell: `medallion.definitions.definition`. Its first part is what lists and the graph need, so
 * that they can leave the rest unread.
 */
export interface Definition {
  readonly node: DefinedNode;
  readonly detail: DefinedDetail;
  /** Where the values of its columns come from, by column; a column of which that is not known is left out. */
  readonly lineage: Readonly<Record<string, readonly ColumnSource[]>>;
  /** Columns that are passed on as they are, and not computed. */
  readonly passedOn: readonly string[];
}

export interface DefinedNode {
  readonly kind: 'load' | 'model' | 'test';
  /** Null for tests. */
  readonly layer: string | null;
  /** Of a load its strategy. */
  readonly materialized: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly parents: readonly string[];
  /** Names, in their order. */
  readonly columns: readonly string[];
  /** The source table of a load: `loja.clientes`. */
  readonly from: string | null;
  /** The model whose tests these are. */
  readonly of: string | null;
}

export interface DefinedDetail {
  readonly file: string;
  readonly template: string | null;
  /** With the names that readers know, not those of the stage. */
  readonly sql: string | null;
  readonly primaryKey: readonly string[];
  readonly foreignKeys: readonly { readonly columns: readonly string[]; readonly references: string }[];
  readonly columns: readonly DefinedColumn[];
  readonly tests: readonly { readonly title: string; readonly severity: 'error' | 'warn' }[];
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface DefinedColumn {
  readonly name: string;
  /** As it is declared, or else as it was built. */
  readonly type: string | null;
  readonly description: string | null;
  readonly isNotNull: boolean;
  /** Titles. */
  readonly tests: readonly string[];
}
