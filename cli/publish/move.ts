import type { Grants } from '../config/grants.js';
import type { Relation, RelationKind } from '../database/identifiers.js';
import type { Chart } from '../project/charts/chart.js';
import type { Proved } from '../tests/proved.js';
import type { DeltaCounts } from './delta/index.js';

/** A staged relation that readers are to see in the place of a published one (or in the empty place, at a first publish). */
export interface Move {
  /** `layer.name`: the key in `medallion.relations`. */
  readonly node: string;
  readonly kind: RelationKind;
  readonly from: Relation;
  readonly to: Relation;
  readonly grants: Grants;
  /** Null: not known; never taken for unchanged. */
  readonly fingerprint: string | null;
  /** What it was made from: `medallion.relations.inputs`. Null: not known. */
  readonly inputs: object | null;
  /** Publishes by delta: only the rows that differ are written into the published relation. Without it the staged relation takes its place. */
  readonly delta?: Delta | undefined;
  /** Statements that add foreign keys once all is in its place, should it be swapped: what they point to is published by delta, and has no table in the stage. */
  readonly lateKeys?: readonly string[] | undefined;
  /** Readers see the same rows as before: what reads them has not changed. */
  readonly hasSameRows?: boolean | undefined;
  /** Fills a materialized view, once all that it reads is as it will be. */
  readonly refresh?: string | undefined;
  readonly proved: Proved;
  readonly charts: readonly Chart[];
}

/** What makes a published relation equal to a staged one, row by row. Texts and numbers only: a plan keeps it until it is published. */
export interface Delta {
  /** The table in the stage that names the rows, or holds them. */
  readonly relation: Relation;
  readonly counts: DeltaCounts;
  /** Statements that write the rows; the number of rows of each is that of `counts`, or others have written into the relation. */
  readonly statements: { readonly [Part in 'deletes' | 'updates' | 'inserts']?: string } & {
    /** Where rows that change may go and come anew; each with as many rows as the one in its place and `updated`. */
    readonly replaced?: { readonly deletes: string; readonly inserts: string } | undefined;
  };
  /** Statements that make what is in `relation` anew, should others have written into the published relation since; undefined: it does not depend on what is published. */
  readonly refill?: string | undefined;
  /** The staged relation is a table with all rows, which may take the published one's place instead. */
  readonly isWhole: boolean;
  /** Rows are not told apart by a key: those that go have to go before others come, or they would go too. */
  readonly oldRowsFirst?: boolean | undefined;
}

export interface PublishResult {
  readonly durationMs: number;
  /** 1 when no reader stood in the way. */
  readonly attempts: number;
}
