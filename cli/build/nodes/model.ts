import type { Sql } from '../../database/connect.js';
import type { MedallionError } from '../../errors/index.js';
import type { Publishing, TestResult } from '../../events/events.js';
import { createCompiler } from '../../graph/compile.js';
import type { ModelNode } from '../../graph/node.js';
import type { Contract } from '../../project/model.js';
import { auditModel, isFailure } from '../audit.js';
import { buildModel } from '../build-model.js';
import { compareTables, publishSwap, sameColumns, type Way } from '../compare-staged.js';
import { toMedallionError } from '../errors.js';
import { inTimeZone } from '../incremental/in-time-zone.js';
import type { Interval } from '../incremental/time-query.js';
import type { ModelBuild } from '../model-build.js';
import { publishedColumns } from '../published-columns.js';
import type { Outcome } from '../schedule.js';
import { dropStaged } from '../stage.js';
import type { StagedModel } from '../staged.js';
import { readsTheSame } from '../view-reads.js';
import { passingTestError, withRetries } from './attempts.js';
import type { NodeContext } from './context.js';
import { type Deadline, startDeadline } from './deadline.js';
import { buildIncremental } from './incremental.js';
import { carryOutSnapshot } from './snapshot.js';

interface Attempt {
  readonly rows?: number | undefined;
  readonly tests: readonly TestResult[];
  readonly error?: MedallionError | undefined;
  /** Set when it was built and has passed. */
  readonly way?: Way;
  /** Of a model that is filled by time: the intervals that were filled. */
  readonly filled?: readonly Interval[] | undefined;
}

/** Builds a model in the stage and audits it there, if what is published is not what a build would make; every failure is told by its event. */
export async function carryOutModel(context: NodeContext, node: ModelNode): Promise<Outcome> {
  const { materialized, attempts } = node.parsed.model;
  const started = performance.now();
  const event = 'model.finished' as const;
  const finished = { event, node: node.name, materialized, durationMs: 0, tests: [] };
  let reason: string | undefined;
  try {
    reason = await context.state.whyBuild(node);
  } catch (cause) {
    const error = toMedallionError(cause, context.signal);
    const status = error.code === 'MDL5002' ? 'interrupted' : 'failed';
    context.emit({ ...finished, status, error: error.toJSON() });
    return 'failed';
  }
  if (reason === undefined) {
    context.state.settle(node.name, 'kept');
    const inputs = context.state.published(node.name)?.inputs;
    if (materialized === 'materialized_view' && inputs)
      context.staged.set(node.name, { node, inputs, way: keptWay, since: 0, isKept: true });
    context.relations.place(node.name, 'published');
    context.emit({ ...finished, status: 'unchanged' });
    return 'done';
  }
  const { rows, tests, error, way, filled } = await withRetries(
    context,
    node.name,
    attempts,
    (attempt) => {
      context.emit({ event: 'model.started', node: node.name, materialized, reason });
      return buildInTime(context, node, attempt > 1);
    },
    (result) => result.error ?? passingTestError(result.tests),
  );
  context.emit({
    ...{ ...finished, reason, rows, tests },
    filled: filled?.map(({ from, to }) => ({ from: from.slice(1, -1), to: to.slice(1, -1) })),
    status: error?.code === 'MDL5002' ? 'interrupted' : way ? 'succeeded' : 'failed',
    durationMs: performance.now() - started,
    publishing: way && publishing(way),
    error: error?.toJSON(),
  });
  return way ? 'done' : 'failed';
}

const keptWay: Way = { how: 'same', why: 'nothing has changed' };

function publishing({ how, why, delta }: Way): Publishing {
  return { how, why, ...delta?.counts };
}

/** @param isRetry something of a failed attempt may be in the stage */
async function buildInTime(context: NodeContext, node: ModelNode, isRetry: boolean): Promise<Attempt> {
  const deadline = startDeadline(context.signal, node.name, node.parsed.model.attempts.timeoutMs);
  try {
    const attempt = await buildAndAudit(context, node, deadline, isRetry);
    const late = deadline.error();
    return late ? { tests: [], error: late } : attempt;
  } catch (cause) {
    return { tests: [], error: deadline.error() ?? toMedallionError(cause, context.signal) };
  } finally {
    deadline.release();
  }
}

async function buildAndAudit(
  context: NodeContext,
  node: ModelNode,
  deadline: Deadline,
  isRetry: boolean,
): Promise<Attempt> {
  const { relations, session, state } = context;
  const { model } = node.parsed;
  const audit = { ...context.audit, sql: deadline.limit(context.audit.sql), signal: deadline.signal };
  relations.place(node.name, 'stage');
  const relation = relations.current(node.name);
  if (isRetry) await dropStaged(audit.sql, relation);
  const inputs = state.inputsOf(node);
  const since = session.crashWatch.crashes();
  const incremental = model.incremental && (await buildIncremental(context, audit, node));
  if (incremental?.kind === 'on top') {
    const { way } = incremental;
    if (way) keep(context, { node, inputs, way, since });
    return incremental;
  }
  const bound = createCompiler(session.project.project, session.project.graph, relations.bound);
  const started = performance.now();
  const build: ModelBuild = {
    model,
    query: incremental?.query ?? audit.compiler.model(node.name),
    relation,
    targetOf: relations.target,
    render: (condition) => bound.condition(node.name, condition),
    replacing: relations.replacing,
    serverVersion: session.database.serverVersion,
    before: await publishedColumns(context, node, audit.sql),
    isScaledOut: session.isScaledOut,
  };
  const snapshot = model.snapshot && (await carryOutSnapshot(context, node, audit.sql, build));
  const { rows, violation, filled } =
    snapshot ?? (await buildModel(inTimeZone(audit.sql, model, session.isScaledOut), build));
  const buildMs = performance.now() - started;
  if (snapshot?.way.how === 'same') relations.place(node.name, 'published');
  const isUnkept = violation !== undefined || snapshot?.isView === true;
  const late = model.contract.foreignKeys.filter(({ references }) => relations.target(references).isShown);
  const tests = await auditModel(audit, node, isUnkept ? model.contract : onlyKeys(model.contract, late));
  // Rows that break a key are told as failing tests; should those find nothing, Postgres's own error must not be lost.
  if (violation || tests.some(isFailure))
    return { rows, tests, error: tests.some(isFailure) ? undefined : violation };
  const decided =
    snapshot?.way ?? (await decideWay(context, node, audit.sql, { filled, buildMs, rows: rows ?? 0 }));
  const way = { ...decided, ...(incremental?.intervals && { intervals: incremental.intervals }) };
  keep(context, { node, inputs, way, since });
  // What reads a view goes on reading the staged one: it shows the rows of this run.
  if (way.how === 'same' && model.materialized !== 'view') {
    relations.place(node.name, 'published');
    await dropStaged(audit.sql, relation);
  }
  return { rows, tests, way, filled: incremental?.filled };
}

/** A model that has been built and has passed. */
function keep({ staged, state }: NodeContext, model: StagedModel): void {
  staged.set(model.node.name, model);
  state.settle(model.node.name, model.way.how === 'same' ? 'same' : 'changed');
}

/** Foreign keys that are added when all is published are tested like those of a view. */
function onlyKeys(contract: Contract, foreignKeys: Contract['foreignKeys']): Contract | undefined {
  if (foreignKeys.length === 0) return undefined;
  return { ...contract, primaryKey: [], columns: null, uniques: [], checks: [], indexes: [], foreignKeys };
}

async function decideWay(
  { relations, state, session, equalityOf }: NodeContext,
  node: ModelNode,
  sql: Sql,
  built: { readonly filled: readonly string[]; readonly buildMs: number; readonly rows: number },
): Promise<Way> {
  const { model } = node.parsed;
  const before = state.published(node.name);
  if (!before || before.isElsewhere) return { how: 'swap', why: 'it is new' };
  if (!state.hasSameContract(node))
    return { how: 'swap', why: before.stands === 'whole' ? 'its contract changed' : 'others changed it' };
  const [staged, published] = [relations.current(node.name), relations.published(node.name)];
  const isRefreshed = model.materialized === 'materialized_view';
  if (isRefreshed && !state.hasSameQuery(node)) return { how: 'swap', why: 'its query changed' };
  const isBoundAsBefore = () => {
    const places = state
      .parentsOf(node.name)
      .map((name) => ({ current: relations.current(name), published: relations.published(name) }));
    return readsTheSame(sql, staged, published, places);
  };
  if (isRefreshed && !(await isBoundAsBefore())) return { how: 'swap', why: 'it reads another relation' };
  if (model.materialized !== 'view') {
    // It is written by Postgres itself, whatever differs.
    const wanted = isRefreshed && model.publish === 'auto' ? { ...model, publish: 'delta' as const } : model;
    const compared = {
      model: wanted,
      staged,
      published,
      ...built,
      rowsPerSecond: before.rowsPerSecond,
      readEquality: () => equalityOf(node.name),
      distribution: session.isScaledOut ? model.distribution : null,
    };
    const way = await compareTables(sql, compared);
    return isRefreshed ? refreshed(way) : way;
  }
  return state.hasSameQuery(node) && (await sameColumns(sql, staged, published)) && (await isBoundAsBefore())
    ? { how: 'same', why: 'it reads what it read' }
    : { how: 'swap', why: 'it is a view' };
}

/** Postgres writes the rows of a materialized view itself, and finds out again which differ: that takes a key, and lets readers go on. */
function refreshed({ how, why, delta }: Way): Way {
  if (!delta || why === publishSwap) return { how, why };
  return { how: 'delta', why: 'it is refreshed', delta: { ...delta, statements: {}, refill: undefined } };
}
