import { isDeepStrictEqual } from 'node:util';
import type { BronzeTable } from '../config/options.js';
import { quoteRelation, type Relation } from '../database/identifiers.js';
import { isConnectionLoss } from '../database/postgres-error.js';
import { didYouMean, MedallionError } from '../errors/index.js';
import type { RowCounts } from '../events/events.js';
import type { SourceTable } from '../sources/source.js';
import {
  finishLoad,
  type LoadStart,
  lastLoad,
  recordUnchanged,
  startLoad,
  takeOverLoad,
} from './bookkeeping.js';
import type { ApplyLoad, LoadContext } from './context.js';
import { decideExtract } from './extract.js';
import { type Filled, fillLoadTable } from './fill.js';
import { addColumns } from './in-place.js';
import { loadError } from './load-error.js';
import { type BronzeState, createLoadTable, loadSchema, readBronzeState } from './load-table.js';
import { findResumable } from './resume.js';
import { append } from './strategies/append.js';
import { replace } from './strategies/replace.js';
import { upsert } from './strategies/upsert.js';

const strategies: Readonly<Record<BronzeTable['strategy'], ApplyLoad>> = { replace, append, upsert };

export interface LoadResult extends RowCounts {
  readonly status: 'succeeded' | 'unchanged';
  readonly batches: number;
  readonly durationMs: number;
}

/**
 * Runs one load: from a source into its bronze table. The outcome is also told as `load.finished`.
 * @throws MedallionError MDL30xx, MDL43xx, MDL5001, MDL5002, MDL2006; bronze is as it was then
 */
export async function loadTable(context: LoadContext, table: BronzeTable): Promise<LoadResult> {
  const started = performance.now();
  const { emit } = context;
  emit({ event: 'load.started', node: table.node, source: table.from, strategy: table.strategy });
  const progress: { loadId?: number; filled?: Filled } = {};
  try {
    const result = { ...(await load(context, table, progress)), durationMs: performance.now() - started };
    emit({ event: 'load.finished', node: table.node, ...result });
    return result;
  } catch (cause) {
    const error = loadError(cause, table, context.signal);
    const interrupted = error.code === 'MDL5002';
    // A lost connection cannot record anything: the next run finds the load still `running` and calls it interrupted.
    if (progress.loadId !== undefined && !isConnectionLoss(cause)) {
      await finishLoad(
        context.sql,
        progress.loadId,
        interrupted ? 'interrupted' : 'failed',
        undefined,
        error.toJSON(),
      ).catch(() => {});
    }
    const none = { read: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 };
    emit({
      event: 'load.finished',
      node: table.node,
      status: interrupted ? 'interrupted' : 'failed',
      batches: progress.filled?.batches ?? 0,
      durationMs: performance.now() - started,
      error: error.toJSON(),
      ...none,
    });
    throw error;
  }
}

async function load(
  context: LoadContext,
  table: BronzeTable,
  progress: { loadId?: number; filled?: Filled },
): Promise<Omit<LoadResult, 'durationMs'>> {
  const { projectDir, signal, sources: session } = context;
  const source = await table.source.open(table.sourceTable, { projectDir, signal, session });
  try {
    return await loadFrom(source, context, table, progress);
  } finally {
    await source.close?.();
  }
}

async function loadFrom(
  source: SourceTable,
  context: LoadContext,
  table: BronzeTable,
  progress: { loadId?: number; filled?: Filled },
): Promise<Omit<LoadResult, 'durationMs'>> {
  const { sql, project, emit, signal } = context;
  for (const notice of source.notices) emit({ event: 'notice', node: table.node, ...notice });
  requireColumns(table, source);
  const state = await readBronzeState(sql, project, table.node, table.relation);
  refuseForeignTable(table, state);

  const last = state.columns ? await lastLoad(sql, project, table.node, table.cursor) : undefined;
  const extract = await decideExtract(table, source, last, context.request, signal);
  const fingerprint = extract.isWhole ? await fingerprintOf(table, source, signal) : null;
  const start: LoadStart = {
    runId: context.runId,
    project,
    node: table.node,
    source: table.from,
    strategy: table.strategy,
    fingerprint,
    question: extract.question,
    cursorValue: extract.nextCursor,
  };
  if (!context.request.full && fingerprint && last && isDeepStrictEqual(last.fingerprint, fingerprint)) {
    await recordUnchanged(sql, start, last.rows);
    return unchanged(last.rows);
  }
  const lost = tellColumnChanges(context, table, source, state);
  const relation: Relation = { schema: loadSchema(project), name: table.relation.name };
  const resumed = await findResumable(context, table, relation, { source, extract, fingerprint });
  progress.loadId = resumed ? await takeOverLoad(sql, resumed, start) : await startLoad(sql, start);
  if (resumed)
    emit({
      event: 'notice',
      node: table.node,
      message: `Going on after ${resumed.counts.read.toLocaleString('en-US')} rows that an interrupted load had committed.`,
    });
  else
    await createLoadTable(sql, {
      relation,
      columns: [...source.columns, ...(table.strategy === 'upsert' ? [] : lost)],
      processId: String(context.runId),
      forUpsert: table.strategy === 'upsert',
    });

  const filled = await fillLoadTable({
    sql,
    node: table.node,
    loadId: progress.loadId,
    source,
    target: { relation, columns: source.columns },
    batchRows: table.batchRows,
    maxRejects: table.maxRejects,
    forUpsert: table.strategy === 'upsert',
    done: resumed
      ? { batches: resumed.batches, read: resumed.counts.read, rejected: resumed.counts.rejected }
      : { batches: 0, read: 0, rejected: 0 },
    after: resumed?.position,
    since: extract.since,
    limit: extract.limit,
    emit,
    signal,
  });
  progress.filled = filled;
  const fresh = state.columns ? source.columns.filter((column) => !state.columns!.includes(column)) : [];
  if (fresh.length > 0 && table.strategy !== 'replace') await addColumns(context, table, fresh);
  const counts = await strategies[table.strategy](context, {
    table,
    loadId: progress.loadId,
    source,
    isWhole: extract.isWhole,
    relation,
    state,
    read: filled.read,
    rejected: filled.rejected,
    finish: (tx, final) => finishLoad(tx, progress.loadId!, 'loaded', final),
  });
  return {
    status: 'succeeded',
    batches: filled.batches,
    ...counts,
  };
}

/** The source has what the last load brought in. */
function unchanged(rows: number): Omit<LoadResult, 'durationMs'> {
  return {
    status: 'unchanged',
    batches: 0,
    read: rows,
    inserted: 0,
    updated: 0,
    unchanged: rows,
    rejected: 0,
  };
}

function requireColumns(table: BronzeTable, source: SourceTable): void {
  const wanted = [...table.key, ...(table.cursor === undefined ? [] : [table.cursor])];
  const missing = wanted.find((column) => !source.columns.includes(column));
  if (missing === undefined) return;
  throw new MedallionError('MDL3005', {
    message: `${table.node}: the ${table.key.includes(missing) ? 'key' : 'cursor'} column "${missing}" is not in ${source.origin}.`,
    where: { file: source.origin, line: 1 },
    hint: didYouMean(missing, source.columns),
  });
}

function refuseForeignTable(table: BronzeTable, state: BronzeState): void {
  if (!state.columns) return;
  if (state.problem)
    throw new MedallionError('MDL3007', {
      message: `${quoteRelation(table.relation)} is not a bronze table: ${state.problem}.`,
    });
  if (!state.isOurs)
    throw new MedallionError('MDL4302', {
      message: `${quoteRelation(table.relation)} exists already and was not made by this project, so ${table.node} cannot be loaded there.`,
    });
}

/** Content and settings: equal ones give equal bronze rows. */
async function fingerprintOf(
  table: BronzeTable,
  source: SourceTable,
  signal: AbortSignal,
): Promise<Record<string, unknown> | null> {
  const content = await source.fingerprint(signal);
  return (
    content &&
    JSON.parse(JSON.stringify({ content, from: table.from, strategy: table.strategy, key: table.key }))
  );
}

/** @returns columns of bronze that the source has lost */
function tellColumnChanges(
  context: LoadContext,
  table: BronzeTable,
  source: SourceTable,
  state: BronzeState,
): readonly string[] {
  if (!state.columns) return [];
  const lost = state.columns.filter((column) => !source.columns.includes(column));
  const fresh = source.columns.filter((column) => !state.columns!.includes(column));
  const tell = (message: string) =>
    context.emit({ event: 'notice', node: table.node, message, where: { file: source.origin, line: 1 } });
  if (lost.length > 0)
    tell(
      `${source.origin} no longer has ${lost.map((column) => `"${column}"`).join(', ')}: null in the rows of this load.`,
    );
  if (fresh.length > 0)
    tell(`${source.origin} has new columns: ${fresh.map((column) => `"${column}"`).join(', ')}.`);
  return lost;
}
