import type { Sql } from '../database/connect.js';
import { quoteRelation } from '../database/identifiers.js';
import { MedallionError } from '../errors/index.js';
import type { Emit, TestResult } from '../events/events.js';
import { createCompiler } from '../graph/compile.js';
import { type Selection, selectNodes } from '../graph/select.js';
import type { NodeName } from '../project/model.js';
import { type AuditContext, auditModel, auditTestNode } from './audit.js';
import { withoutBorrowed } from './environment/environment.js';
import { resolveProject } from './environment/resolve.js';
import { openDatabase } from './open-database.js';
import type { OpenProject } from './open-project.js';
import { makePlan } from './plan.js';
import { type RelationFinder, relationFinder } from './relation-finder.js';
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
 * @throws MedallionError MDL1301: a selected model has not been published
 */
export async function testPublished(
  opened: OpenProject,
  options: TestOptions,
): Promise<readonly TestResult[]> {
  const project = await resolveProject(opened, options);
  const { graph } = project;
  const selected = withoutBorrowed(project, selectNodes(graph, options, project.changes));
  const plan = makePlan(graph, selected, { load: false, models: true });
  const database = await openDatabase(project.options);
  try {
    const relations = relationFinder(project, new Set());
    const sql = database.connect({
      max: project.options.threads,
      applicationName: 'mdl',
      statementTimeout: project.options.statementTimeout,
    });
    await requirePublished(
      sql,
      [...plan.models, ...plan.tests.flatMap((name) => graph.nodes.get(name)!.parents)],
      relations,
    );
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
              ? await auditModel(context, node)
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

/** One error for all relations that are not there is clearer than one for each of their tests. */
async function requirePublished(
  sql: Sql,
  names: readonly NodeName[],
  { published }: RelationFinder,
): Promise<void> {
  const wanted = [...new Set(names)].map((name) => ({ name, relation: quoteRelation(published(name)) }));
  const missing = await sql<{ name: string }[]>`
    select w.name from jsonb_to_recordset(${sql.json(wanted)}) as w(name text, relation text)
     where to_regclass(w.relation) is null`;
  if (missing.length === 0) return;
  const listed = missing
    .slice(0, 5)
    .map(({ name }) => name)
    .join(', ');
  throw new MedallionError('MDL1301', {
    message: `Not published yet: ${listed}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}.`,
    hint: 'Build first, which tests too: npx mdl build. Or leave them out with --exclude.',
  });
}
