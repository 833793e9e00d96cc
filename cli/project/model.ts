import type { AttemptOptions } from '../config/attempts.js';
import type { Materialization, PublishWay } from '../config/define.js';
import type { Distribution } from '../config/distribution.js';
import type { Grants } from '../config/grants.js';
import type { PolicyCommand } from '../config/rls.js';
import type { RelationKind } from '../database/identifiers.js';
import type { Where } from '../errors/index.js';
import type { Chart } from './charts/chart.js';
import type { WhereIs } from './charts/parse.js';
import type { Grain } from './incremental-schema.js';
import type { Template } from './template.js';

/** `layer.name` of a model or bronze table. */
export type NodeName = string & { readonly __brand: 'NodeName' };

/** One data test as front matter declares it: `{ between: [0, 120], severity: warn }`, parsed. */
export interface TestDeclaration {
  /** `not_null`, `unique`, ... or the name of a generic test of the project. */
  readonly kind: string;
  /** The value after the kind: `[0, 120]`; `true` when written as a bare word. */
  readonly argument: unknown;
  /** Set for tests that stand under a column. */
  readonly column?: string | undefined;
  readonly severity: 'error' | 'warn';
  /** SQL condition: only rows that meet it are tested. */
  readonly filter?: string | undefined;
  /** `>10`, `!=0`: how many failures make an error, a warning. Default `>0`. */
  readonly errorIf?: string | undefined;
  readonly warnIf?: string | undefined;
  readonly name?: string | undefined;
  readonly where: Where;
}

export interface ContractColumn {
  readonly name: string;
  /** As declared, e.g. `numeric(12,2)`; undefined keeps the type of the select. */
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly notNull: boolean;
  readonly unique: boolean;
  /** SQL expression that fills the column when the select leaves it out, and becomes the column's default. */
  readonly defaultSql?: string | undefined;
  /** SQL condition for a check constraint. */
  readonly check?: string | undefined;
  readonly where: Where;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  /** As written: `silver.clientes`, or `clientes` where only one fits. */
  readonly references: string;
  /** Empty: the primary key of the referenced model. */
  readonly referencedColumns: readonly string[];
  readonly where: Where;
}

export interface CheckConstraint {
  readonly name?: string | undefined;
  readonly expression: string;
  readonly where: Where;
}

export interface IndexDeclaration {
  /** Column names or SQL expressions in parentheses. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly using?: string | undefined;
  /** SQL condition: only rows that meet it are in the index. */
  readonly filter?: string | undefined;
  readonly where: Where;
}

/** What front matter promises of a model's relation. */
export interface Contract {
  readonly description?: string | undefined;
  readonly primaryKey: readonly string[];
  /** Null when the front matter has no `columns`: then the select's own columns stand. */
  readonly columns: readonly ContractColumn[] | null;
  readonly uniques: readonly (readonly string[])[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly CheckConstraint[];
  readonly indexes: readonly IndexDeclaration[];
  /** Places of what has none of its own. */
  readonly where: { readonly primaryKey: Where; readonly uniques: readonly Where[] };
}

/** A condition of a policy: SQL that may name models. */
export interface PolicyCondition {
  readonly template: Template;
  readonly where: Where;
}

/** A policy of row-level security on a model's table. */
export interface Policy {
  readonly name: string;
  readonly command: PolicyCommand;
  readonly roles: readonly string[];
  readonly using?: PolicyCondition | undefined;
  readonly check?: PolicyCondition | undefined;
  readonly where: Where;
}

/** What a model's relation is in Postgres. */
export function relationKind({ materialized }: Pick<Model, 'materialized'>): RelationKind {
  return materialized === 'view' || materialized === 'materialized_view' ? materialized : 'table';
}

/** The templates of a model's policies, with their places. */
export function policyConditions({ policies }: Model): readonly PolicyCondition[] {
  return (policies ?? []).flatMap(({ using, check }) => [using, check].flatMap((part) => part ?? []));
}

/** How an incremental model is built on top of what is published of it. */
export type Incremental = IncrementalRows & {
  /** What becomes of columns that the select has gained or lost, where the front matter does not name them. */
  readonly onSchemaChange: 'fail' | 'append' | 'sync';
  /** Whether rows that another query made may stay. */
  readonly onSqlChange: 'rebuild' | 'keep';
  readonly where: Where;
};

export type IncrementalRows =
  /** New rows join those that are there. */
  | { readonly strategy: 'append' }
  /** `merge`: a new row takes the place of the one with its key; `delete+insert`: new rows take the places of all with one of their keys. */
  | { readonly strategy: 'merge' | 'delete+insert'; readonly key: readonly string[] }
  | TimeRange;

/** The rows of whole intervals are replaced; which have been filled is remembered. */
export interface TimeRange {
  readonly strategy: 'time_range';
  readonly timeColumn: string;
  readonly grain: Grain;
  /** Local time in `timeZone`, e.g. `2023-01-01` or `2023-01-01 06:00`. */
  readonly begin: string;
  /** In which the grains are cut. */
  readonly timeZone: string;
  /** The latest filled grains that are filled again. */
  readonly lookback: number;
  /** Whether the grain that has not ended yet is filled too. */
  readonly allowPartials: boolean;
}

/** How a snapshot tells versions of a row apart. */
export interface Snapshot {
  /** What identifies a row of the select. */
  readonly key: readonly string[];
  /** `check`: a row has changed when one of these columns has (null: any that the select returns); `timestamp`: when its time of change is later. */
  readonly by:
    | { readonly strategy: 'check'; readonly columns: readonly string[] | null }
    | {
        readonly strategy: 'timestamp';
        readonly updatedAt: string;
        /** In which a time of change is read that has none. */
        readonly timeZone: string;
      };
  /** A row that the select no longer returns stays current, ends, or gets a version that says so. */
  readonly deletes: 'ignore' | 'invalidate' | 'new_record';
  readonly where: Where;
}

/** A `.sql` file of `models/`, read and parsed; nothing is rendered yet. */
export interface Model {
  readonly name: NodeName;
  readonly layer: string;
  /** The file's name without `.sql`: the relation's name. */
  readonly relationName: string;
  /** Path relative to the project, with `/`. */
  readonly file: string;
  readonly materialized: Materialization;
  /** How it is built on top of what is published of it; null: it is built as a whole. */
  readonly incremental: Incremental | null;
  /** How versions of rows are told apart; undefined: no snapshot. */
  readonly snapshot: Snapshot | undefined;
  readonly contract: Contract;
  readonly tests: readonly TestDeclaration[];
  readonly tags: readonly string[];
  readonly grants: Grants;
  /** Row-level security; null: none. */
  readonly policies: readonly Policy[] | null;
  /** A view that is read with the rights of whoever reads it. */
  readonly securityInvoker: boolean;
  /** Over the nodes of a Citus cluster; null: the table is on one node. */
  readonly distribution: Distribution | null;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly charts: readonly Chart[];
  readonly attempts: AttemptOptions;
  /** How long a result may be used although it may have changed by itself; undefined: see `whyStale`. */
  readonly freshnessMs: number | undefined;
  /** How its rows reach readers; `auto`: as it costs least. */
  readonly publish: PublishWay;
  /** Places in the front matter, for what is found out later. */
  readonly whereIs: WhereIs;
  readonly enabled: boolean;
}
