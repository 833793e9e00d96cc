import { isDeepStrictEqual } from 'node:util';
import type { BronzeTable } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import type { SourceSession, SourceTable } from '../sources/source.js';
import { lastLoad } from './bookkeeping.js';
import { decideExtract, type LoadRequest } from './extract.js';
import { loadFingerprint } from './fingerprint.js';
import { readBronzeState } from './load-table.js';

/** What a load would read. */
export interface LoadPreview {
  readonly node: string;
  readonly strategy: string;
  /** The source table, for people. */
  readonly origin: string;
  readonly columns: readonly string[];
  /** Where the source can count them. */
  readonly rows: number | undefined;
  readonly since: { readonly column: string; readonly value: string } | undefined;
  readonly limit: number | undefined;
  /** The source has what the last load brought in: nothing would be read. */
  readonly isUnchanged: boolean;
}

export interface PreviewContext {
  readonly project: string;
  readonly projectDir: string;
  /** Whether the database has the schema `medallion` yet. */
  readonly hasHistory: boolean;
  readonly request: LoadRequest;
  readonly sources: SourceSession;
  readonly signal: AbortSignal;
}

/**
 * Asks a source what a load would read, and reads no rows.
 * @throws MedallionError MDL30xx, as the load itself would
 */
export async function previewLoad(
  sql: Sql,
  table: BronzeTable,
  context: PreviewContext,
): Promise<LoadPreview> {
  const { projectDir, signal, sources: session } = context;
  const source = await table.source.open(table.sourceTable, { projectDir, signal, session });
  try {
    return await previewFrom(source, sql, table, context);
  } finally {
    await source.close?.();
  }
}

async function previewFrom(
  source: SourceTable,
  sql: Sql,
  table: BronzeTable,
  context: PreviewContext,
): Promise<LoadPreview> {
  const { project, request, signal } = context;
  const state = context.hasHistory
    ? await readBronzeState(sql, project, table.node, table.relation)
    : undefined;
  const last = state?.columns ? await lastLoad(sql, project, table) : undefined;
  const extract = await decideExtract(table, source, last, request, signal, () => {});
  const content = last && extract.isWhole && !request.full ? await source.fingerprint(signal) : null;
  return {
    node: table.node,
    strategy: table.strategy,
    origin: source.origin,
    columns: source.columns,
    rows: source.totalRows,
    since: extract.since,
    limit: extract.limit,
    isUnchanged: content !== null && isDeepStrictEqual(last!.fingerprint, loadFingerprint(table, content)),
  };
}
