import type { BronzeTable } from '../config/options.js';
import type { Sql, Transaction } from '../database/connect.js';
import type { Relation } from '../database/identifiers.js';
import type { Emit, RowCounts } from '../events/events.js';
import type { Move, PublishResult } from '../publish/move.js';
import type { SourceSession, SourceTable } from '../sources/source.js';
import type { LoadRequest } from './extract.js';
import type { BronzeState } from './load-table.js';

/** What a load needs of the run that it is part of. */
export interface LoadContext {
  /** A pool. */
  readonly sql: Sql;
  readonly project: string;
  readonly projectDir: string;
  readonly runId: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly request: LoadRequest;
  /** The database is a Citus cluster, and some table of the project is to be distributed. */
  readonly isScaledOut: boolean;
  /** Of the run's sources. */
  readonly sources: SourceSession;
  /** @throws MedallionError MDL2006: the server has crashed since the load began, and may have lost rows that it had committed */
  readonly requireKept: () => Promise<void>;
  /** Moves staged relations into place in ONE transaction, together with `alongside`. */
  readonly publish: (
    moves: readonly Move[],
    alongside?: (tx: Transaction) => Promise<void>,
  ) => Promise<PublishResult>;
}

/** A load table that has been filled and is to be applied to bronze. */
export interface FilledLoad {
  readonly table: BronzeTable;
  readonly loadId: number;
  readonly source: SourceTable;
  /** All rows of the source were asked for: what is not among them is not there. */
  readonly isWhole: boolean;
  /** The load table. */
  readonly relation: Relation;
  /** The bronze table as it is. */
  readonly state: BronzeState;
  readonly read: number;
  readonly rejected: number;
  /**
   * Ends the load's bookkeeping; part of the transaction that applies it.
   * @param isChanged whether the bronze table has a new data version
   */
  finish(tx: Transaction, counts: RowCounts, isChanged: boolean): Promise<void>;
}

/**
 * How a filled load reaches bronze, in one transaction.
 * @returns what became of the rows
 */
export type ApplyLoad = (context: LoadContext, load: FilledLoad) => Promise<RowCounts>;

/** How the load table itself becomes the bronze table. */
export function asBronze(load: FilledLoad): Move {
  const { table, relation } = load;
  return {
    node: table.node,
    kind: 'table',
    from: relation,
    to: table.relation,
    grants: table.grants,
    fingerprint: null,
    inputs: null,
    proved: {},
    charts: [],
  };
}
