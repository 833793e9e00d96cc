import type { Where } from '../errors/index.js';

/** The columns that Medallion itself adds to bronze tables; the last one only where rows that left the source are marked. */
export const bookkeepingColumns = ['load_timestamp', 'process_id', 'row_version', 'row_deleted_at'] as const;

/** A row that cannot be loaded: kept in `medallion.rejected_rows`. */
export interface RejectedRow {
  /** Line in the source where the row begins, from 1; null where the source has no lines. */
  readonly line: number | null;
  readonly reason: string;
  /** The row as it stood in the source, shortened to 10,000 characters. */
  readonly raw: string;
}

/** How a batch's bytes are written: what `copy ... from stdin` is told. */
export type CopyFormat = CsvCopyFormat | TextCopyFormat;

export interface CsvCopyFormat {
  readonly format: 'csv';
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly nullText: string;
  /** A Postgres encoding name. */
  readonly encoding: string;
}

/** As `copy ... to stdout` writes it by default. */
export interface TextCopyFormat {
  readonly format: 'text';
  readonly encoding: string;
}

/** Rows of a source as bytes that COPY takes. Records only: no header. */
export interface Batch {
  /** Number of the first record, from 1, over the whole source table. */
  readonly firstRow: number;
  /** Records in `chunks` and `rejected` together. */
  readonly read: number;
  readonly chunks: readonly Uint8Array[];
  readonly format: CopyFormat;
  /** The columns that the fields of a record go to, in order; the others are null. Left out: those of the table. */
  readonly columns?: readonly string[] | undefined;
  /** Where these rows come from, in a table of several files: for messages, and for the table's `originColumn`. */
  readonly origin?: string | undefined;
  readonly rejected: readonly RejectedRow[];
  /** Where the next batch begins: plain JSON that `read({ after })` of the same source takes. Null: an interrupted load begins anew. */
  readonly position: unknown;
  /**
   * The same records looked at one by one, for when Postgres refuses `chunks`: those that fit come back re-encoded, the others as rejected.
   * Left out where the source has looked at every value already.
   */
  repair?(): Promise<{
    readonly read: number;
    readonly chunks: readonly Uint8Array[];
    readonly format: CopyFormat;
    readonly rejected: readonly RejectedRow[];
  }>;
}

/** Something the reader should know that is no error: a renamed column, a guessed encoding. */
export interface SourceNotice {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly where?: Where | undefined;
}

/** One table of a source, opened: its columns are known, its rows not yet read. */
export interface SourceTable {
  /** For messages and bookkeeping: a path relative to the project, a URL without secrets. */
  readonly origin: string;
  /** Column names as bronze gets them: unique, not empty, at most 63 bytes, in the order of the batches' fields. */
  readonly columns: readonly string[];
  /** One of `columns`, which no batch has a field for: every row gets the `origin` of its batch there. */
  readonly originColumn?: string | undefined;
  readonly notices: readonly SourceNotice[];
  /** The columns that identify a row, where the source knows them. */
  readonly key?: readonly string[] | undefined;
  /** How many rows there are, for progress, where the source can count them. */
  readonly totalRows?: number | undefined;
  /** Size for progress, in bytes of the source as stored; undefined where unknown. */
  readonly totalBytes?: number | undefined;
  /** How many of them `read` has taken so far. */
  bytesRead?(): number;
  /**
   * Equal fingerprints mean equal content: what makes `unchanged` and resuming safe. Null where a source cannot tell.
   * @param options `afresh`: found out from the content itself, whatever is known of it
   */
  fingerprint(
    signal: AbortSignal,
    options?: { readonly afresh: boolean },
  ): Promise<Readonly<Record<string, unknown>> | null>;
  /**
   * When an interrupted load may go on after its last batch. `unchanged` (default): while the fingerprint is the same. `always`: rows are read in the order of
   * a key, so what comes after a row is the same question at any time.
   */
  readonly resumable?: 'unchanged' | 'always' | undefined;
  /**
   * What its settings say of the rows and columns that it has, as plain JSON: what was read under other ones says nothing of where to go on.
   */
  readonly asks?: Readonly<Record<string, unknown>> | undefined;
  /**
   * The greatest value of a column now, as text: where the next incremental load begins. Left out where a source can only be read as a whole.
   * Null: the table is empty, or the column is null in every row.
   * @param notify tells the user something of the column
   */
  highWater?(
    column: string,
    signal: AbortSignal,
    notify?: (notice: SourceNotice) => void,
  ): Promise<string | null>;
  /** Streams the rows; a consumer that stops early must leave nothing open (the iterator's `return` is called). */
  read(options: ReadOptions): AsyncIterable<Batch>;
  /** Lets go of what `open` took, such as a temporary file. Called once, whatever became of the load. */
  close?(): Promise<void>;
}

export interface ReadOptions {
  /** Rows in a batch. */
  readonly batchRows: number;
  /** The position of a batch, to go on behind it. */
  readonly after?: unknown;
  /** Only rows whose column has at least this value, in the order of its type, or none: asked only of a source that has `highWater`. */
  readonly since?: { readonly column: string; readonly value: string } | undefined;
  /** Rows at most. */
  readonly limit?: number | undefined;
  readonly signal: AbortSignal;
  /** Tells the user something on the way. */
  readonly notify?: ((notice: SourceNotice) => void) | undefined;
}

/** What a source may know of the project that it is used in. */
export interface SourceContext {
  /** Absolute path of the project's folder; relative paths of a source are resolved against it. */
  readonly projectDir: string;
  /** Ends what is being asked of a server. */
  readonly signal?: AbortSignal | undefined;
  /** Of the run: what a source keeps open over several of its tables. */
  readonly session?: SourceSession | undefined;
}

/** Lives as long as the loads of a run. */
export interface SourceSession {
  /**
   * What `owner` keeps here, opened when it is first asked for, and closed when the run's loads are done.
   * @throws what `open` throws
   */
  keep<Value>(owner: object, open: () => Promise<{ value: Value; close(): Promise<void> }>): Promise<Value>;
  /** `value`, which `owner` keeps, is of no use any more: it is closed, and opened anew when it is asked for. */
  forget(owner: object, value: unknown): Promise<void>;
}

/** Where raw data comes from. */
export interface Source {
  /** `csv`, `supabase`, ...: for messages. */
  readonly kind: string;
  /** The tables that can be loaded. */
  tables(context: SourceContext): Promise<readonly string[]>;
  /** @throws MedallionError MDL3001 when there is no such table, MDL3002 when it cannot be read. */
  open(table: string, context: SourceContext): Promise<SourceTable>;
  /**
   * What a table that was read before holds now, where that can be told without opening it. Left out, or undefined: open it to know.
   * @throws MedallionError MDL3001, MDL3002
   */
  known?(table: string, context: SourceContext): Promise<KnownTable | undefined>;
}

/** A table of which is known what it holds. */
export interface KnownTable {
  /** Those of `SourceTable`. */
  readonly columns: readonly string[];
  /** What its `fingerprint` would say. */
  readonly fingerprint: Readonly<Record<string, unknown>>;
  /** What this was told from, as absolute paths: files, and folders that were searched for them. As long as they stand as they do, this stays true. */
  readonly paths: readonly string[];
}
