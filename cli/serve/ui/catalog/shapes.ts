/** What `/ui/api/catalog` and `/ui/api/lineage` answer, for both sides. Times are ISO 8601. */

export type NodeKind = 'source' | 'load' | 'model' | 'test';

/** What became of a node the last time that a run came to it. */
export type NodeState = 'succeeded' | 'unchanged' | 'warned' | 'failed' | 'skipped' | 'interrupted';

/** A node as lists and the graph show it. */
export interface CatalogNode {
  /** `gold.vendas_por_mes`; of a source's table `source:loja.clientes`. */
  readonly name: string;
  readonly kind: NodeKind;
  /** Null for sources and tests of no layer. */
  readonly layer: string | null;
  /** `table`, `view`, ...; of a load its strategy. */
  readonly materialized: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  /** Names of the nodes that it reads. */
  readonly parents: readonly string[];
  /** Names of its columns, for search. */
  readonly columns: readonly string[];
  /** The relation that readers see; null: none was published. */
  readonly relation: { readonly schema: string; readonly name: string; readonly isExposed: boolean } | null;
  readonly state: NodeState | null;
  /** The run that it is the state of. */
  readonly runId: number | null;
  readonly ranAt: string | null;
  readonly durationMs: number | null;
  readonly rows: number | null;
  /** When what readers see was published, or of a load when it last ended well. */
  readonly freshAt: string | null;
  readonly tests: { readonly passed: number; readonly warned: number; readonly failed: number };
}

export interface ColumnSource {
  readonly node: string;
  readonly column: string;
}

export interface CatalogColumn {
  readonly name: string;
  /** As the database has it, or else as it is declared; null: neither says. */
  readonly type: string | null;
  readonly description: string | null;
  readonly isNullable: boolean | null;
  readonly isKey: boolean;
  /** Titles of the tests that stand under it. */
  readonly tests: readonly string[];
  /** The columns that its values are made from; null: not known. */
  readonly from: readonly ColumnSource[] | null;
  /** It is passed on as it is, and not computed. */
  readonly isPassedOn: boolean;
}

export interface CatalogTest {
  readonly title: string;
  readonly severity: 'error' | 'warn';
  /** Null: not run yet. */
  readonly status: 'passed' | 'warned' | 'failed' | 'errored' | null;
  readonly failures: number;
}

/** `GET /ui/api/catalog/<node>` */
export interface CatalogDetail extends Omit<CatalogNode, 'columns' | 'tests'> {
  /** Relative to the project; null for sources. */
  readonly file: string | null;
  /** As its author wrote it; null: none. */
  readonly template: string | null;
  /** As it was run. */
  readonly sql: string | null;
  readonly primaryKey: readonly string[];
  readonly foreignKeys: readonly {
    readonly columns: readonly string[];
    readonly references: string;
  }[];
  readonly columns: readonly CatalogColumn[];
  readonly tests: readonly CatalogTest[];
  readonly children: readonly string[];
  readonly meta: Readonly<Record<string, unknown>>;
  /** Bytes on disk, indexes included; null: no table. */
  readonly bytes: number | null;
  /** The latest runs of it, newest first. */
  readonly history: readonly {
    readonly runId: number;
    readonly at: string;
    readonly state: NodeState;
    readonly durationMs: number;
    readonly rows: number | null;
  }[];
}

/** `GET /ui/api/catalog` */
export interface CatalogAnswer {
  /** In the order in which data flows. */
  readonly layers: readonly string[];
  readonly nodes: readonly CatalogNode[];
}

/** `GET /ui/api/lineage`: where the columns of all nodes come from, by node and column; nodes of which nothing is known are left out. */
export type LineageAnswer = Readonly<Record<string, Readonly<Record<string, readonly ColumnSource[]>>>>;
