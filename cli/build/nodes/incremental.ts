import type { TestResult } from '../../events/events.js';
import type { CompiledQuery } from '../../graph/compile.js';
import type { ModelNode } from '../../graph/node.js';
import { type AuditContext, auditModel, isFailure } from '../audit.js';
import type { Way } from '../compare-staged.js';
import { auditNewRows } from '../incremental/audit-new-rows.js';
import { buildOnTop } from '../incremental/build-on-top.js';
import { inTimeZone } from '../incremental/in-time-zone.js';
import type { FilledIntervals } from '../incremental/record-intervals.js';
import { type Interval, readLiterals, timeQuery } from '../incremental/time-query.js';
import { publishedColumns } from '../published-columns.js';
import type { NodeContext } from './context.js';

/** What is to be built of an incremental model. */
export type IncrementalBuild =
  /** It has been built on top of what is published of it. */
  | {
      readonly kind: 'on top';
      readonly rows: number;
      readonly tests: readonly TestResult[];
      /** Set when it has passed. */
      readonly way?: Way;
      readonly filled: readonly Interval[];
    }
  /** All of it, as a table. */
  | {
      readonly kind: 'whole';
      readonly query: CompiledQuery;
      readonly filled: readonly Interval[];
      readonly intervals?: FilledIntervals | undefined;
    };

/**
 * Builds a model on top of what is published of it and audits it, or says what has to be built instead: at first, and where what is published is not what
 * it would be built on.
 * @throws MedallionError as `buildOnTop` and `auditModel`
 */
export async function buildIncremental(
  context: NodeContext,
  audit: AuditContext,
  node: ModelNode,
): Promise<IncrementalBuild> {
  if (context.state.whyRebuild(node) !== undefined) return whole(context, audit, node);
  const { relations, timeline } = context;
  const { name } = node;
  const [published, staged] = [relations.published(name), relations.current(name)];
  const before = await publishedColumns(context, node, audit.sql);
  const { compiler } = audit;
  const { isScaledOut } = context.session;
  const built = await buildOnTop(inTimeZone(audit.sql, node.parsed.model, isScaledOut), {
    ...{ node, compiler, published, staged, timeline, before, isScaledOut },
  });
  if (built.kind === 'rebuild') return whole(context, audit, node);
  const { incremental } = node.parsed.model;
  const completed = incremental!.strategy === 'time_range' ? timeline.onTop(name).completed : undefined;
  const intervals = completed && { completed, isOnTop: true };
  const filled = built.rows.intervals;
  if (built.kind === 'remake') return { kind: 'whole', query: built.query, filled, intervals };
  const { rows, count, way } = built;
  relations.place(name, way.how === 'same' ? 'published' : 'shown');
  const kept = count === 0 ? [] : await auditNewRows(audit, node, rows);
  if (kept.some(isFailure)) return { kind: 'on top', rows: count, tests: kept, filled };
  const tests = [...kept, ...(await auditModel(audit, node))];
  if (tests.some(isFailure)) return { kind: 'on top', rows: count, tests, filled };
  return { kind: 'on top', rows: count, tests, way: { ...way, ...(intervals && { intervals }) }, filled };
}

async function whole(
  { timeline }: NodeContext,
  { sql, compiler }: AuditContext,
  node: ModelNode,
): Promise<IncrementalBuild> {
  const { model } = node.parsed;
  if (model.incremental!.strategy !== 'time_range')
    return { kind: 'whole', query: compiler.model(node.name), filled: [] };
  const { whole, completed } = timeline.whole(node.name);
  const [interval] = await readLiterals(sql, model.incremental!, [whole]);
  return {
    kind: 'whole',
    query: await timeQuery(sql, model, compiler, interval!),
    filled: [interval!],
    intervals: { completed, isOnTop: false },
  };
}
