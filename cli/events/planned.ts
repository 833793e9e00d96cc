/** What publishing a plan would do to one model. */
export interface PlannedModel {
  readonly node: string;
  readonly materialized: string;
  /** `same`: readers see its rows already, and its charts change. */
  readonly how: 'same' | 'delta' | 'swap';
  readonly why: string;
  /** Readers see nothing of it yet. */
  readonly isNew: boolean;
  /** How the relation itself would change, in words. */
  readonly schema: readonly SchemaWords[];
  /** Null: they could not be compared, `uncompared` says why. */
  readonly rows: PlannedRows | null;
  readonly uncompared?: string | undefined;
  /** By which rows were told apart; null: by nothing, whole rows were compared. */
  readonly key: readonly string[] | null;
  /** Columns in which rows differ, those with most rows first. */
  readonly columns: readonly PlannedColumn[];
  readonly reaches: PlannedReach;
}

export interface SchemaWords {
  readonly sign: '+' | '-' | '~';
  readonly what: string;
}

export interface PlannedRows {
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  /** Null without a key: a changed row counts as one removed and one added. */
  readonly changed: number | null;
}

export interface PlannedColumn {
  readonly name: string;
  readonly rows: number;
  /** Values as Postgres prints them. */
  readonly samples: readonly {
    readonly key: readonly (string | null)[];
    readonly before: string | null;
    readonly after: string | null;
  }[];
}

/** What else sees the change. */
export interface PlannedReach {
  /** Models below it. */
  readonly models: readonly string[];
  /** Dashboards with charts of it, or of models below it. */
  readonly dashboards: readonly string[];
  /** Its path in the API; null: it is not exposed. */
  readonly api: string | null;
  /** Views, keys and policies of others that would be bound to the new relation. */
  readonly others: readonly string[];
}
