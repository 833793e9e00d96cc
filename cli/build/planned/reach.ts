import type { PlannedReach } from '../../events/planned.js';
import type { ModelNode } from '../../graph/node.js';
import type { NodeName } from '../../project/model.js';
import type { OpenProject } from '../open-project.js';

function isServed({ serve }: OpenProject['options'], schema: string): boolean {
  return serve.schemas.includes(schema) || [...serve.fronts.values()].includes(schema);
}

/** What of the project sees a change of a model. */
export function reachOf({ graph, options }: OpenProject, node: ModelNode): PlannedReach {
  const below = new Set<NodeName>([node.name]);
  for (const name of below) for (const child of graph.children.get(name)!) below.add(child);
  const models = graph.order.flatMap((name) => {
    const found = graph.nodes.get(name)!;
    return below.has(name) && found.kind === 'model' ? [found] : [];
  });
  const { schema } = options.layers.get(node.layer)!;
  return {
    models: models.filter(({ name }) => name !== node.name).map(({ name }) => name),
    dashboards: [
      ...new Set(models.flatMap(({ parsed }) => parsed.model.charts.map(({ dashboard }) => dashboard))),
    ],
    api: isServed(options, schema) ? `/${node.parsed.model.relationName}` : null,
    others: [],
  };
}
