import { createCompiler } from '../graph/compile.js';
import type { NodeName } from '../project/model.js';
import { buildModel } from './build-model.js';
import { effectiveParents } from './plan.js';
import type { RelationFinder } from './relation-finder.js';
import type { RunSession } from './run-session.js';
import { dropStaged } from './stage.js';
import type { StagedModel } from './staged.js';

/**
 * Staged views read staged tables. One whose table is published by delta, and so never takes a place, is made anew on the published table; one that readers
 * have already has done its service.
 * @param models parents first
 * @param swapped relations that take the places of published ones although they were to go by delta: views bound before are made anew
 */
export async function bindViews(
  session: RunSession,
  models: readonly StagedModel[],
  relations: RelationFinder,
  swapped: ReadonlySet<string>,
): Promise<void> {
  const { project, side: sql, database } = session;
  const { graph } = project;
  const parentsOf = effectiveParents(graph);
  const ways = new Map(models.map(({ node, way }) => [node.name, way.how]));
  const left = new Set<NodeName>();
  for (const { node, way } of models) {
    const isLeft = parentsOf
      .get(node.name)!
      .some((parent) => left.has(parent) || ways.get(parent) === 'delta');
    if (node.parsed.model.materialized === 'view' && (isLeft || way.how === 'same')) left.add(node.name);
  }
  const final = (name: NodeName) =>
    ways.get(name) === 'swap' || swapped.has(name) ? relations.current(name) : relations.published(name);
  const compiler = createCompiler(project.project, graph, final);
  const views = models.filter(({ node }) => left.has(node.name));
  for (const { node } of views.toReversed()) await dropStaged(sql, 'view', relations.current(node.name));
  for (const { node, way } of views) {
    if (way.how === 'same') continue;
    await buildModel(sql, {
      model: node.parsed.model,
      query: compiler.model(node.name),
      relation: relations.current(node.name),
      targetOf: relations.target,
      render: (condition) => compiler.condition(node.name, condition),
      replacing: relations.replacing,
      serverVersion: database.serverVersion,
      isScaledOut: session.isScaledOut,
    });
  }
}
