import { columnNames } from '../column-names.js';
import type { ReadOptions, Source, SourceContext, SourceNotice, SourceTable } from '../source.js';
import { type Page, recordBatches } from './batches.js';

/** What a table of rows needs to be loaded. */
export interface RecordTable {
  /** For messages: a URL without secrets, a path. */
  readonly origin: string;
  /** Names of the columns, in the order that bronze gets. */
  readonly columns: readonly string[];
  /** The columns that identify a row, where the source knows them. */
  readonly key?: readonly string[];
  /** How many rows there are, for progress. */
  readonly totalRows?: number | undefined;
  readonly notices?: readonly SourceNotice[];
  /** Equal ones mean equal content. Left out: the table is read at each load. */
  fingerprint?(signal: AbortSignal): Promise<Readonly<Record<string, unknown>> | null>;
  /** See `SourceTable`. */
  readonly resumable?: SourceTable['resumable'];
  /** See `SourceTable`. */
  readonly asks?: SourceTable['asks'];
  /** See `SourceTable`. */
  readonly highWater?: SourceTable['highWater'];
  /** Hands out the rows page by page, from `after` (the `next` of a page before) or from the beginning. */
  read(options: ReadOptions): AsyncIterable<Page>;
}

export interface SourceDefinition {
  /** For messages: `csv`, `my shop's API`. */
  readonly kind: string;
  /** The names of the tables that can be loaded. */
  tables(context: SourceContext): Promise<readonly string[]> | readonly string[];
  open(table: string, context: SourceContext): Promise<RecordTable> | RecordTable;
}

/**
 * A source of rows as values by column: an API, a queue, anything that TypeScript can read. Values become the text of bronze as they are:
 * nested ones as JSON, dates in ISO 8601, bytes as Postgres writes them.
 */
export function defineSource(definition: SourceDefinition): Source {
  return {
    kind: definition.kind,
    tables: async (context) => definition.tables(context),
    open: async (name, context) => recordTable(await definition.open(name, context)),
  };
}

/** A table of rows as one of batches. */
export function recordTable(table: RecordTable): SourceTable {
  const { columns, notices } = columnNames(table.columns);
  return {
    origin: table.origin,
    columns,
    notices: [...(table.notices ?? []), ...notices],
    key: table.key,
    totalRows: table.totalRows,
    resumable: table.resumable,
    fingerprint: async (signal) => (await table.fingerprint?.(signal)) ?? null,
    asks: table.asks,
    ...(table.highWater && { highWater: (...asked) => table.highWater!(...asked) }),
    read: (options) =>
      recordBatches({
        columns: table.columns,
        batchRows: options.batchRows,
        after: options.after,
        limit: options.limit,
        pages: (after) => table.read({ ...options, after }),
      }),
  };
}
