import type { Graph } from '../graph/node.js';
import { type NodeName, policyConditions } from '../project/model.js';
import type { StagedModel } from './staged.js';

/**
 * Tables that foreign keys and policies bind to each other are published the same way. One that takes a published one's place brings keys along that point to
 * staged tables, so those have to come too; and rows that are written before a table is swapped may refer to rows which only its successor has.
 * @param models parents first
 * @returns them, some by swap that were to go by delta
 */
export function publishTogether(models: readonly StagedModel[], graph: Graph): readonly StagedModel[] {
  const staged = new Map(models.map((model) => [model.node.name, model]));
  const bound = models.flatMap(({ node }) =>
    boundTo(node, graph).map((target) => [node.name, target] as const),
  );
  const queue = models.filter(isSwapped).map(({ node }) => node.name);
  for (const name of queue) {
    const neighbours = bound.flatMap(([from, to]) => (from === name ? [to] : to === name ? [from] : []));
    for (const neighbour of neighbours) {
      const model = staged.get(neighbour);
      if (model?.way.how !== 'delta') continue;
      staged.set(neighbour, {
        ...model,
        way: { ...model.way, how: 'swap', why: `${name} is swapped, to which a key binds it` },
      });
      queue.push(neighbour);
    }
  }
  return models.map(({ node }) => staged.get(node.name)!);
}

function isSwapped({ node, way }: StagedModel): boolean {
  return way.how === 'swap' && node.parsed.model.materialized !== 'view';
}

/** What foreign keys and policies of a model point to. */
function boundTo({ name, parsed: { model } }: StagedModel['node'], graph: Graph): readonly NodeName[] {
  const keys = model.contract.foreignKeys.map(({ references }) => graph.resolve('ref', references));
  const policies = policyConditions(model).flatMap(({ template }) =>
    template.references.map(({ helper, name: read }) => graph.resolve(helper, read)),
  );
  return [...keys, ...policies].filter((target) => target !== name);
}
