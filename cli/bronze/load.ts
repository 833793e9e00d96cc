import { isDeepStrictEqual } from 'node:util';
import type { BronzeTable } from '../config/options.js';
import type { Relation } from '../database/identifiers.js';
import { isConnectionLoss } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import type { RowCounts } from '../events/events.js';
import type { SourceNotice, SourceTable } from '../sources/source.js';
import { formatNumber } from '../text/format.js';
import {
  finishLoad,
  type LoadStart,
  lastLoad,
  recordDataVersion,
  recordUnchanged,
  startLoad,
  takeOverLoad,
} from './bookkeeping.js';
import { keepsColumns, refuseForeignTable, requireColumns, tellColumnChanges } from './checks.js';
import type { ApplyLoad, LoadContext } from './context.js';
import { decideExtract } from './extract.js';
import { type Filled, fillLoadTable } from './fill.js';
import { loadFingerprint } from './fingerprint.js';
import { loadError } from './load-error.js';
import { createLoadTable, goOnFilling, loadSchema, readBronzeState } from './load-table.js';
import { placementOfLoad } from './placement.js';
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

/** How far a load has come. */
interface Progress {
  loadId?: number;
  filled?: Filled;
}

/**
 * Runs one load: from a source into its bronze table. The outcome is also told as `load.finished`.
 * @throws MedallionError MDL30xx, MDL43xx, MDL5001, MDL5002, MDL2006; bronze is as it was then
 */
export async function loadTable(context: LoadContext, table: BronzeTable): Promise<LoadResult> {
  const started = performance.now();
  const { emit } = context;
  emit({ event: 'load.started', node: table.node, source: table.from, strategy: table.strategy });
  const progress: Progress = {};
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

/** How often a file that is written to while it is read is begun with. */
const mostBeginnings = 3;

async function load(
  context: LoadContext,
  table: BronzeTable,
  progress: Progress,
): Promise<Omit<LoadResult, 'durationMs'>> {
  for (let beginnings = 1; ; beginnings++) {
    try {
      return await loadOnce(context, table, progress);
    } catch (cause) {
      if (!(cause instanceof MedallionError) || cause.code !== 'MDL3010' || beginnings >= mostBeginnings)
        throw cause;
      if (progress.loadId !== undefined)
        await finishLoad(context.sql, progress.loadId, 'failed', undefined, cause.toJSON());
      delete progress.loadId;
      context.emit({ event: 'notice', node: table.node, message: `${cause.message} It is read again.` });
    }
  }
}

async function loadOnce(
  context: LoadContext,
  table: BronzeTable,
  progress: Progress,
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
  progress: Progress,
): Promise<Omit<LoadResult, 'durationMs'>> {
  const { sql, project, emit, signal } = context;
  const notify = (notice: SourceNotice) => emit({ event: 'notice', node: table.node, ...notice });
  for (const notice of source.notices) notify(notice);
  requireColumns(table, source);
  const state = await readBronzeState(sql, project, table.node, table.relation);
  refuseForeignTable(table, state);

  const last = state.columns ? await lastLoad(sql, project, table) : undefined;
  const extract = await decideExtract(table, source, last, context.request, signal, notify);
  const content = extract.isWhole ? await source.fingerprint(signal) : null;
  const fingerprint = content && loadFingerprint(table, content, context.isScaledOut);
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
  const keeps = state.columns !== null && keepsColumns(table.strategy, state.columns, source.columns);
  if (
    !context.request.full &&
    fingerprint &&
    keeps &&
    last &&
    isDeepStrictEqual(last.fingerprint, fingerprint)
  ) {
    await recordUnchanged(sql, start, last.rows);
    return unchangedResult(last.rows);
  }
  const lost = tellColumnChanges(context, table, source, state);
  const relation: Relation = { schema: loadSchema(project), name: table.relation.name };
  const resumed = await findResumable(context, table, relation, { source, extract, fingerprint });
  progress.loadId = resumed ? await takeOverLoad(sql, resumed, start) : await startLoad(sql, start);
  if (resumed) {
    await goOnFilling(sql, relation, String(context.runId));
    emit({
      event: 'notice',
      node: table.node,
      message: `Going on after ${formatNumber(resumed.counts.read)} rows that an interrupted load had committed.`,
    });
  } else
    await createLoadTable(sql, {
      relation,
      columns: [...source.columns, ...(table.strategy === 'upsert' ? [] : lost)],
      processId: String(context.runId),
      forUpsert: table.strategy === 'upsert',
      placement: await placementOfLoad(context, table, state),
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
  await context.requireKept();
  const counts = await strategies[table.strategy](context, {
    table,
    loadId: progress.loadId,
    source,
    isWhole: extract.isWhole,
    relation,
    state,
    read: filled.read,
    rejected: filled.rejected,
    finish: async (tx, final, isChanged) => {
      await finishLoad(tx, progress.loadId!, 'loaded', final);
      if (isChanged) await recordDataVersion(tx, progress.loadId!);
    },
  });
  return {
    status: 'succeeded',
    batches: filled.batches,
    ...counts,
  };
}

/** The source has what the last load brought in. */
export function unchangedResult(rows: number): Omit<LoadResult, 'durationMs'> {
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
