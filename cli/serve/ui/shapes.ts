import type { Text } from '../../config/text.js';

/** What `/ui/api` answers, for both sides: the server that makes it and the web app that reads it. */
export type { Text };

export interface Access {
  /** Whether runs can be started, cancelled and tried again. */
  readonly isOperator: boolean;
  /** Whether the catalog and the runs are shown. */
  readonly mayLook: boolean;
  /** Whether there is a key to sign in with. */
  readonly hasAdmin: boolean;
  /** For the header `x-mdl-csrf` of what an operator does; null: not signed in. */
  readonly csrf: string | null;
}

export interface ProjectColumn {
  readonly name: string;
  /** As Postgres writes it: `numeric(14,2)`. */
  readonly type: string;
  readonly kind: 'number' | 'time' | 'boolean' | 'text' | 'other';
  readonly description: string | null;
  /** The values that a test lets it have; null: any. */
  readonly accepted: readonly string[] | null;
}

/** Columns whose values are those of another exposed relation's row. */
export interface ProjectForeignKey {
  readonly columns: readonly string[];
  /** What it points to, and the columns there. */
  readonly schema: string;
  readonly relation: string;
  readonly referenced: readonly string[];
}

export interface ProjectRelation {
  readonly schema: string;
  readonly name: string;
  readonly description: string | null;
  /** The model that makes it; null: not ours. */
  readonly node: string | null;
  readonly primaryKey: readonly string[];
  readonly columns: readonly ProjectColumn[];
  readonly foreignKeys: readonly ProjectForeignKey[];
  /** As its model declares them; empty: none. */
  readonly charts: readonly unknown[];
}

export interface ProjectDashboard {
  readonly name: string;
  readonly title: Text;
  readonly description: Text | null;
  /** What the page shows at first: `12 months`; null: everything. */
  readonly range: string | null;
}

/** `GET /ui/api/project` */
export interface ProjectAnswer {
  readonly name: string;
  readonly title: Text;
  readonly target: string;
  readonly mdlVersion: string;
  /** ISO 4217: what money is in. */
  readonly currency: string | null;
  /** What columns are called, by name. */
  readonly labels: Readonly<Record<string, Text>>;
  readonly defaultSchema: string;
  /** Whether the API groups and sums. */
  readonly aggregates: boolean;
  /** Rows in one answer of the API; null: no limit. */
  readonly maxRows: number | null;
  readonly published: { readonly runId: number; readonly at: string } | null;
  readonly dashboards: readonly ProjectDashboard[];
  readonly relations: readonly ProjectRelation[];
  readonly access: Access;
}

/** What `/ui/api/events` sends. */
export type UiEvent =
  | { readonly event: 'published' }
  /** Something happened in a run; only to those who may look. */
  | { readonly event: 'run'; readonly runId: number };
