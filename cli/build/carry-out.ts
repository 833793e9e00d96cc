import { MedallionError } from '../errors/index.js';
import { noCounts } from '../events/counts.js';
import type { Emit } from '../events/events.js';
import { createCompiler } from '../graph/compile.js';
import type { ModelNode } from '../graph/node.js';
import type { NodeName } from '../project/model.js';
import { createSourceSession } from '../sources/session.js';
import { recordDefinitions } from './definitions.js';
import { describeEnvironment, describeNothing } from './environment/environment.js';
import { retireBorrowed } from './environment/retire.js';
import { readDurations } from './history.js';
import { runHooks } from './hooks/run-hooks.js';
import type { AskedInterval } from './incremental/asked-interval.js';
import { openTimeline } from './incremental/timeline.js';
import { keyEqualities } from './key-equalities.js';
import type { NodeContext } from './nodes/context.js';
import { carryOutLoad } from './nodes/load.js';
import { carryOutModel } from './nodes/model.js';
import { carryOutTest } from './nodes/test.js';
import type { Plan } from './plan.js';
import { openPlanKeeper, type PlanOptions } from './planned/keep-plan.js';
import { publishRun } from './publish-run.js';
import { relationFinder } from './relation-finder.js';
import type { RunSession } from './run-session.js';
import { tellUndistributed } from './scale-out.js';
import { type Outcome, runSchedule } from './schedule.js';
import { openRunState } from './state/run-state.js';
import { rememberUnchanged } from './unchanged/remember.js';

export interface CarryOutOptions {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** What began the run. */
  readonly cause: string;
  readonly failFast?: boolean;
  readonly publish?: 'all' | 'passing';
  readonly storeFailures?: boolean;
  readonly fullRefresh?: boolean;
  /** Build also what has not changed. */
  readonly force?: boolean;
  /** Of models that are filled by time: fill this again. */
  readonly asked?: AskedInterval | undefined;
  readonly since?: string | undefined;
  readonly limit?: number | undefined;
  /** Publish nothing: keep what would be published as the open plan. */
  readonly plan?: PlanOptions | undefined;
  /** As in `RunOptions`. */
  readonly readAtMs?: number | undefined;
}

type RunContext = Omit<NodeContext, 'stepAside'>;

/**
 * Carries out a plan: the graph on several connections, then the publish.
 * Failures of single nodes are events; what is thrown ends the run.
 */
export async function carryOut(session: RunSession, plan: Plan, options: CarryOutOptions): Promise<void> {
  const { emit, readAtMs } = options;
  const started = {
    event: 'run.started' as const,
    runId: session.runId,
    project: session.project.options.name,
    command: session.command,
    target: session.project.options.target,
    database: session.database.description,
    layers: [...session.project.options.layers.keys()],
    nodes: plan.order,
  };
  emit(started);
  const told = describeEnvironment(session.project);
  if (told !== undefined) emit({ event: 'notice', message: told });
  const idle = describeNothing(session.project, plan.order);
  if (idle !== undefined) emit({ event: 'notice', message: idle });
  tellUndistributed(session.project.graph, plan.order, session, emit);
  await callFirst(session, options);
  const sources = createSourceSession();
  const context: RunContext = { ...(await nodeContext(session, plan, options)), sources };
  const spoiled = await carryOutNodes(context, plan, options.failFast ?? false, sources.close).finally(
    sources.close,
  );
  if (options.signal.aborted) throw new MedallionError('MDL5002', { message: 'Interrupted.' });
  const definitions = await recordDefinitions(session, plan, context.relations);
  await publishRun(session, plan, {
    ...{ relations: context.relations, state: context.state, staged: context.staged },
    definitions,
    tested: context.tested,
    spoiled,
    publish: options.publish ?? 'all',
    keeper: options.plan && openPlanKeeper(context, options.plan),
    emit,
  });
  if (spoiled.size === 0 && !options.plan) await retireBorrowed(session, emit);
  // What has been published stays published, whatever becomes of a note for the next run.
  if (readAtMs !== undefined && spoiled.size === 0)
    await rememberUnchanged(context, plan, { readAtMs, started }).catch(() => {});
}

/** Calls the hooks that come first. @throws MedallionError MDL7001: a hook of `on_run_start` failed, and nothing has been done */
export async function callFirst(
  session: RunSession,
  { emit, signal, cause }: Pick<CarryOutOptions, 'emit' | 'signal' | 'cause'>,
): Promise<void> {
  const stateAfter = () => ({
    runId: session.runId,
    command: session.command,
    cause,
    status: 'running' as const,
    counts: noCounts,
    failures: [],
    published: [],
    error: undefined,
  });
  const failure = await runHooks(session, 'on_run_start', { emit, signal, stateAfter });
  if (failure) throw failure;
}

async function nodeContext(
  session: RunSession,
  plan: Plan,
  options: CarryOutOptions,
): Promise<Omit<RunContext, 'sources'>> {
  const { project, sql, side, runId } = session;
  const { emit, signal } = options;
  const relations = relationFinder(project, new Set(plan.models));
  const audit = {
    project,
    compiler: createCompiler(project.project, project.graph, relations.current),
    relationOf: relations.current,
    sql,
    runId,
    storeFailures: options.storeFailures ?? false,
    signal,
  };
  const loadRequest = { full: options.fullRefresh ?? false, since: options.since, limit: options.limit };
  const force = options.fullRefresh ? '--full-refresh' : options.force ? '--force' : undefined;
  const planned = plan.models.map((name) => (project.graph.nodes.get(name) as ModelNode).parsed.model);
  const timeline = await openTimeline(side, project.options.name, planned, options.asked);
  const state = await openRunState({ project, plan, relations, side, force, whyDue: timeline.whyDue });
  const keyed = planned.flatMap(({ name, contract: { primaryKey: key } }) =>
    key.length === 0 ? [] : [[name, { relation: relations.published(name), key }] as const],
  );
  const equalityOf = keyEqualities(side, new Map(keyed));
  const started = { staged: new Map(), tested: new Set<NodeName>() };
  return { session, relations, state, timeline, equalityOf, ...started, audit, emit, signal, loadRequest };
}

/**
 * Carries out the graph.
 * @param onLoaded called when the last load has ended, however it did
 * @returns what may not be published: nodes that failed or were skipped, and models that a failed test guards
 * @throws the first error that was no failure of a node, when all that could run has run
 */
async function carryOutNodes(
  context: RunContext,
  plan: Plan,
  failFast: boolean,
  onLoaded: () => Promise<void>,
): Promise<ReadonlySet<NodeName>> {
  const { session, emit, signal } = context;
  const { graph, options } = session.project;
  const durations = await readDurations(session.side, options.name);
  const spoiled = new Set<NodeName>();
  const causes = new Map<NodeName, readonly NodeName[]>();
  const crashes: unknown[] = [];
  const loading = new Set(plan.loads);
  const spoil = (name: NodeName) => {
    const node = graph.nodes.get(name)!;
    for (const also of node.kind === 'test' ? [name, ...node.guards] : [name]) spoiled.add(also);
  };
  await runSchedule<NodeName>({
    order: plan.order,
    parentsOf: (name) => plan.parents.get(name)!,
    costOf: (name) => durations.get(name) ?? 1,
    threads: options.threads,
    failFast,
    signal,
    async execute(name, stepAside) {
      const outcome = await carryOutNode({ ...context, stepAside }, name).catch((cause: unknown): Outcome => {
        crashes.push(cause);
        return 'failed';
      });
      if (outcome === 'failed') spoil(name);
      if (loading.has(name)) await context.state.loaded(name).catch((cause: unknown) => crashes.push(cause));
      if (loading.delete(name) && loading.size === 0) await onLoaded();
      return outcome;
    },
    skip(name, parents) {
      spoil(name);
      // What was skipped itself is no reason to name: what failed is.
      const because = [...new Set(parents.flatMap((parent) => causes.get(parent) ?? [parent]))];
      causes.set(name, because);
      emit({ event: 'node.skipped', node: name, kind: graph.nodes.get(name)!.kind, because });
    },
  });
  if (crashes.length > 0) throw crashes[0];
  return spoiled;
}

function carryOutNode(context: NodeContext, name: NodeName): Promise<Outcome> {
  const node = context.session.project.graph.nodes.get(name)!;
  switch (node.kind) {
    case 'load':
      return carryOutLoad(context, node);
    case 'model':
      return carryOutModel(context, node);
    case 'test':
      return carryOutTest(context, node);
  }
}
