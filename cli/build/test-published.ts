import type { Emit, TestResult } from '../events/events.js';
import { createCompiler } from '../graph/compile.js';
import { type Selection, selectNodes } from '../graph/select.js';
import { type AuditContext, auditModel, auditTestNode } from './audit.js';
import { openDatabase } from './open-database.js';
import type { OpenProject } from './open-project.js';
import { makePlan } from './plan.js';
import { relationFinder } from './relation-finder.js';
import { runSchedule } from './schedule.js';

export interface TestOptions extends Selection {
  /** Return the rows of each test that does not pass, this many at most. */
  readonly showRows?: number | undefined;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Runs the data tests of the selected models against what is published; nothing is changed.
 * @returns every result, in the order of the graph
 */
export async function testPublished(
  project: OpenProject,
  options: TestOptions,
): Promise<readonly TestResult[]> {
  const { graph } = project;
  const plan = makePlan(graph, selectNodes(graph, options), { load: false, models: true });
  const database = await openDatabase(project.options);
  try {
    const relations = relationFinder(project, new Set());
    const sql = database.connect({
      max: project.options.threads,
      applicationName: 'mdl',
      statementTimeout: project.options.statementTimeout,
    });
    const compiler = createCompiler(project.project, graph, relations.published);
    const context: AuditContext = {
      project,
      compiler,
      relationOf: relations.published,
      sql,
      runId: null,
      storeFailures: false,
      showRows: options.showRows,
      signal: options.signal,
    };
    options.emit({ event: 'tests.started', nodes: plan.order });
    const results = new Map<string, readonly TestResult[]>();
    let failure: unknown;
    await runSchedule({
      order: plan.order,
      parentsOf: () => [],
      costOf: () => 1,
      threads: project.options.threads,
      failFast: false,
      signal: options.signal,
      async execute(name) {
        const started = performance.now();
        const node = graph.nodes.get(name)!;
        try {
          const found =
            node.kind === 'model'
              ? await auditModel(context, node, false)
              : node.kind === 'test'
                ? await auditTestNode(context, node)
                : [];
          results.set(name, found);
          if (found.length > 0)
            options.emit({
              event: 'test.finished',
              node: name,
              durationMs: performance.now() - started,
              results: found,
            });
        } catch (cause) {
          failure ??= cause;
        }
        return 'done';
      },
      skip() {},
    });
    if (failure !== undefined) throw failure;
    return plan.order.flatMap((name) => results.get(name) ?? []);
  } finally {
    await database.close();
  }
}
