import { loadTable } from '../bronze/index.js';
import { MedallionError } from '../errors/index.js';
import type { Emit, TestResult } from '../events/events.js';
import { createCompiler } from '../graph/compile.js';
import type { LoadNode, ModelNode, TestNode } from '../graph/node.js';
import type { NodeName } from '../project/model.js';
import type { Move } from '../publish/move.js';
import { type AuditContext, auditModel, auditTestNode, isFailure } from './audit.js';
import { buildModel } from './build-model.js';
import { toMedallionError } from './errors.js';
import { markPublished, readDurations, readPublishedState } from './history.js';
import type { Plan } from './plan.js';
import { relationFinder } from './relation-finder.js';
import type { RunSession } from './run-session.js';
import { type Outcome, runSchedule } from './schedule.js';

export interface CarryOutOptions {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly failFast?: boolean;
  readonly publish?: 'all' | 'passing';
  readonly storeFailures?: boolean;
  readonly fullRefresh?: boolean;
}

/**
 * Carries out a plan: the graph on several connections, then the publish.
 * Failures of single nodes are events; what is thrown ends the run.
 */
export async function carryOut(session: RunSession, plan: Plan, options: CarryOutOptions): Promise<void> {
  const { project, sql } = session;
  const emit: Emit = (event) => {
    session.record(event);
    options.emit(event);
  };
  emit({
    event: 'run.started',
    runId: session.runId,
    project: project.options.name,
    command: session.command,
    target: project.options.target,
    database: session.database.description,
    nodes: plan.order,
  });
  const relationOf = relationFinder(project, new Set(plan.models));
  const compiler = createCompiler(project.project, project.graph, relationOf.current);
  const audit: AuditContext = {
    project,
    compiler,
    relationOf: relationOf.current,
    sql,
    runId: session.runId,
    storeFailures: options.storeFailures ?? false,
    signal: options.signal,
  };
  const durations = await readDurations(session.side, project.options.name);
  const spoiled = new Set<NodeName>();
  const causes = new Map<NodeName, readonly NodeName[]>();

  const execute = async (name: NodeName): Promise<Outcome> => {
    const node = project.graph.nodes.get(name)!;
    if (node.kind === 'load') return load(node);
    if (node.kind === 'model') return model(node);
    return test(node);
  };

  const load = async (node: LoadNode): Promise<Outcome> => {
    try {
      await loadTable(
        {
          sql,
          project: project.options.name,
          projectDir: project.options.projectDir,
          runId: session.runId,
          emit,
          signal: options.signal,
          publish: session.publish,
          force: options.fullRefresh ?? false,
        },
        node.table,
      );
      return 'done';
    } catch (cause) {
      if (!(cause instanceof MedallionError)) throw cause;
      return 'failed';
    }
  };

  const model = async (node: ModelNode): Promise<Outcome> => {
    const started = performance.now();
    const { model: declared } = node.parsed;
    const finished = (parts: {
      rows?: number | undefined;
      tests?: readonly TestResult[];
      error?: MedallionError | undefined;
    }): Outcome => {
      const tests = parts.tests ?? [];
      const failed = parts.error !== undefined || tests.some(isFailure);
      const interrupted = parts.error?.code === 'MDL5002';
      emit({
        event: 'model.finished',
        node: node.name,
        materialized: declared.materialized,
        status: interrupted ? 'interrupted' : failed ? 'failed' : 'succeeded',
        rows: parts.rows,
        durationMs: performance.now() - started,
        tests,
        error: parts.error?.toJSON(),
      });
      return failed ? 'failed' : 'done';
    };
    emit({ event: 'model.started', node: node.name, materialized: declared.materialized });
    try {
      const built = await buildModel(sql, {
        model: declared,
        query: compiler.model(node.name),
        relation: relationOf.current(node.name),
        targetOf: relationOf.target,
      });
      const tests = await auditModel(audit, node, built.violation !== undefined);
      // Rows that break a key are told as failing tests; should those find nothing, Postgres's own error must not be lost.
      return finished({
        rows: built.rows,
        tests,
        error: built.violation && !tests.some(isFailure) ? built.violation : undefined,
      });
    } catch (cause) {
      return finished({ error: toMedallionError(cause, options.signal) });
    }
  };

  const test = async (node: TestNode): Promise<Outcome> => {
    const started = performance.now();
    let results: readonly TestResult[];
    try {
      results = await auditTestNode(audit, node);
    } catch (cause) {
      const error = toMedallionError(cause, options.signal);
      if (error.code === 'MDL5002') return 'failed';
      results = [
        {
          test: node.name,
          node: node.name,
          title: node.name,
          status: 'errored',
          severity: 'error',
          failures: 0,
          samples: [],
          where: error.where,
          error: error.toJSON(),
        },
      ];
    }
    emit({ event: 'test.finished', node: node.name, durationMs: performance.now() - started, results });
    return results.some(isFailure) ? 'failed' : 'done';
  };

  let crash: unknown;
  await runSchedule<NodeName>({
    order: plan.order,
    parentsOf: (name) => plan.parents.get(name)!,
    costOf: (name) => durations.get(name) ?? 1,
    threads: project.options.threads,
    failFast: options.failFast ?? false,
    signal: options.signal,
    async execute(name) {
      let outcome: Outcome;
      try {
        outcome = await execute(name);
      } catch (cause) {
        crash ??= cause;
        outcome = 'failed';
      }
      if (outcome === 'failed') spoil(name);
      return outcome;
    },
    skip(name, parents) {
      spoil(name);
      // What was skipped itself is no reason to name: what failed is.
      const because = [...new Set(parents.flatMap((parent) => causes.get(parent) ?? [parent]))];
      causes.set(name, because);
      emit({ event: 'node.skipped', node: name, kind: project.graph.nodes.get(name)!.kind, because });
    },
  });

  function spoil(name: NodeName): void {
    spoiled.add(name);
    const node = project.graph.nodes.get(name)!;
    if (node.kind === 'test') for (const guarded of node.guards) spoiled.add(guarded);
  }

  if (crash !== undefined) throw crash;
  if (options.signal.aborted) throw new MedallionError('MDL5002', { message: 'Interrupted.' });
  await publish(session, plan, relationOf.current, relationOf.published, spoiled, { ...options, emit });
}

/** The one transaction in which everything that may be seen is seen. */
async function publish(
  session: RunSession,
  plan: Plan,
  staged: (name: NodeName) => Move['from'],
  published: (name: NodeName) => Move['to'],
  spoiled: ReadonlySet<NodeName>,
  options: CarryOutOptions,
): Promise<void> {
  if (plan.models.length === 0) return;
  const { graph, options: projectOptions } = session.project;
  // What reads a spoiled model is spoiled too, also where it was built before the test that failed.
  const bad = new Set(spoiled);
  for (const name of plan.order)
    if (
      plan.parents.get(name)!.some((parent) => bad.has(parent) && graph.nodes.get(parent)!.kind === 'model')
    )
      bad.add(name);
  const good = plan.models.filter((name) => !bad.has(name));
  const allGood = spoiled.size === 0;
  if (!allGood && (options.publish !== 'passing' || good.length === 0)) {
    options.emit({
      event: 'publish.refused',
      because: [...spoiled],
      readersSee: await readPublishedState(session.side, projectOptions.name),
    });
    return;
  }
  const moves = good.map((name): Move => {
    const { model } = (graph.nodes.get(name) as ModelNode).parsed;
    return {
      node: name,
      kind: model.materialized === 'view' ? 'view' : 'table',
      from: staged(name),
      to: published(name),
      grantSelect: model.grants.select,
      fingerprint: null,
    };
  });
  const result = await session.publish(moves, (tx) => markPublished(tx, session.runId));
  options.emit({
    event: 'publish.finished',
    nodes: good,
    durationMs: result.durationMs,
    attempts: result.attempts,
  });
}
