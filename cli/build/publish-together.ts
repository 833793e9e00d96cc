import type { Graph } from '../graph/node.js';
import { type NodeName, policyConditions, relationKind } from '../project/model.js';
import { effectiveParents } from './plan.js';
import type { StagedModel } from './staged.js';

/**
 * Tables that foreign keys and policies bind to each other are published the same way. One that takes a published one's place brings keys along that point to
 * staged tables, so those have to come too; and rows that are written before a table is swapped may refer to rows which only its successor has.
 * What has no table of its own in the stage (a snapshot that goes on, an incremental model) stays where it is: what points to it comes to it, and keys in
 * the way are let go for as long as its rows are written.
 * A materialized view cannot be bound to another relation than it was made on: it is replaced with what it reads.
 * @param models parents first
 * @param forced these cannot be written row by row, for these reasons
 * @returns them, some by swap that were to go by delta
 */
export function publishTogether(
  models: readonly StagedModel[],
  graph: Graph,
  forced: ReadonlyMap<string, string>,
): readonly StagedModel[] {
  const staged = new Map(models.map((model) => [model.node.name, model]));
  const swap = (name: NodeName, why: string) => {
    const model = staged.get(name);
    if (model?.way.how !== 'delta' || model.way.delta?.isWhole === false) return false;
    staged.set(name, { ...model, way: { ...model.way, how: 'swap', why } });
    return true;
  };
  for (const { node } of models) {
    const why = forced.get(node.name);
    if (why !== undefined) swap(node.name, why);
  }
  const bound = models.flatMap(({ node }) =>
    boundTo(node, graph).map((target) => [node.name, target] as const),
  );
  const queue = [...staged.values()].filter(isSwappedTable).map(({ node }) => node.name);
  for (const name of queue) {
    const neighbours = bound.flatMap(([from, to]) => (from === name ? [to] : to === name ? [from] : []));
    for (const neighbour of neighbours) {
      if (swap(neighbour, `${name} is swapped, to which a key binds it`)) queue.push(neighbour);
    }
  }
  return withMaterializedViews(
    models.map(({ node }) => staged.get(node.name)!),
    graph,
  );
}

function isSwappedTable({ node, way }: StagedModel): boolean {
  return way.how === 'swap' && relationKind(node.parsed.model) === 'table';
}

function withMaterializedViews(models: readonly StagedModel[], graph: Graph): readonly StagedModel[] {
  const parentsOf = effectiveParents(graph);
  const swapped = new Set<NodeName>();
  return models.map((staged): StagedModel => {
    const { node, way } = staged;
    const parent = parentsOf.get(node.name)!.find((name) => swapped.has(name));
    const isPulled =
      parent !== undefined && way.how !== 'swap' && node.parsed.model.materialized === 'materialized_view';
    if (isPulled || way.how === 'swap') swapped.add(node.name);
    return isPulled
      ? {
          ...staged,
          way: { ...way, how: 'swap', why: `${parent} is replaced` },
          hasSameRows: way.how === 'same',
        }
      : staged;
  });
}

/** What foreign keys and policies of a model point to. */
function boundTo({ name, parsed: { model } }: StagedModel['node'], graph: Graph): readonly NodeName[] {
  const keys = model.contract.foreignKeys.map(({ references }) => graph.resolve('ref', references));
  const policies = policyConditions(model).flatMap(({ template }) =>
    template.references.map(({ helper, name: read }) => graph.resolve(helper, read)),
  );
  return [...keys, ...policies].filter((target) => target !== name);
}
