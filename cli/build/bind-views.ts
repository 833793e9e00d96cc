import { createCompiler } from '../graph/compile.js';
import { type NodeName, relationKind } from '../project/model.js';
import { buildModel } from './build-model.js';
import { effectiveParents } from './plan.js';
import type { RelationFinder } from './relation-finder.js';
import type { RunSession } from './run-session.js';
import { dropStaged } from './stage.js';
import type { StagedModel } from './staged.js';

/**
 * Staged views read staged tables. One whose table is published by delta, and so never takes a place, is made anew on the published table; one that readers
 * have already has done its service. A materialized view that is made anew is left empty: it is filled when all that it reads has been written.
 * @param models parents first
 * @param forced relations that take the places of published ones although they were to go by delta: views bound before are made anew
 * @returns materialized views that are to be filled
 */
export async function bindViews(
  session: RunSession,
  models: readonly StagedModel[],
  relations: RelationFinder,
  forced: ReadonlyMap<string, string>,
): Promise<ReadonlySet<NodeName>> {
  const { project, side: sql, database } = session;
  const { graph } = project;
  const parentsOf = effectiveParents(graph);
  const ways = new Map(models.map(({ node, way }) => [node.name, way.how]));
  const isStaged = (name: NodeName) => relations.current(name).schema !== relations.published(name).schema;
  const left = new Set<NodeName>();
  for (const { node, way } of models) {
    const kind = relationKind(node.parsed.model);
    if (kind === 'table') continue;
    const isBound = parentsOf
      .get(node.name)!
      .some((parent) => left.has(parent) || ways.get(parent) === 'delta' || forced.has(parent));
    const isGone = kind === 'materialized_view' && (forced.has(node.name) || !isStaged(node.name));
    if (isBound || isGone || way.how !== 'swap') left.add(node.name);
  }
  const views = models.filter(({ node }) => left.has(node.name));
  for (const { node } of views.toReversed())
    if (isStaged(node.name)) await dropStaged(sql, relations.current(node.name));
  for (const { node, way } of views) if (way.how === 'swap') relations.place(node.name, 'stage');
  const final = (name: NodeName) =>
    ways.get(name) === 'swap' ? relations.current(name) : relations.published(name);
  const compiler = createCompiler(project.project, graph, final);
  const empty = new Set<NodeName>();
  for (const { node, way } of views) {
    if (way.how !== 'swap') continue;
    const isEmpty = node.parsed.model.materialized === 'materialized_view';
    if (isEmpty) empty.add(node.name);
    await buildModel(sql, {
      model: node.parsed.model,
      query: compiler.model(node.name),
      relation: relations.current(node.name),
      targetOf: relations.target,
      render: (condition) => compiler.condition(node.name, condition),
      replacing: relations.replacing,
      serverVersion: database.serverVersion,
      isScaledOut: session.isScaledOut,
      isEmpty,
    });
  }
  return empty;
}
