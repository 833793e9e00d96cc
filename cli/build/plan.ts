import type { Graph } from '../graph/node.js';
import type { NodeName } from '../project/model.js';

/** Which parts of the journey a command covers; models are always audited before they are published. */
export interface Phases {
  readonly load: boolean;
  readonly models: boolean;
}

/** What a run will do, as data: made without a database. */
export interface Plan {
  readonly loads: readonly NodeName[];
  /** Models with a relation, parents first; ephemeral ones live inside those that read them. */
  readonly models: readonly NodeName[];
  /** Tests that need several relations. */
  readonly tests: readonly NodeName[];
  /** All of them, parents first. */
  readonly order: readonly NodeName[];
  /** Parents inside this plan, ephemeral models replaced by what they read. */
  readonly parents: ReadonlyMap<NodeName, readonly NodeName[]>;
}

/** Turns a selection into the work of a run. */
export function makePlan(graph: Graph, selected: ReadonlySet<NodeName>, phases: Phases): Plan {
  const effective = effectiveParents(graph);
  const order = graph.order.filter((name) => {
    const node = graph.nodes.get(name)!;
    if (!selected.has(name)) return false;
    if (node.kind === 'load') return phases.load;
    return phases.models && !(node.kind === 'model' && node.parsed.model.materialized === 'ephemeral');
  });
  const planned = new Set(order);
  const ofKind = (kind: string) => order.filter((name) => graph.nodes.get(name)!.kind === kind);
  return {
    loads: ofKind('load'),
    models: ofKind('model'),
    tests: ofKind('test'),
    order,
    parents: new Map(
      order.map((name) => [name, effective.get(name)!.filter((parent) => planned.has(parent))]),
    ),
  };
}

/** Parents with a relation: an ephemeral model stands for its own parents. */
function effectiveParents(graph: Graph): ReadonlyMap<NodeName, readonly NodeName[]> {
  const effective = new Map<NodeName, readonly NodeName[]>();
  for (const name of graph.order) {
    const parents = graph.nodes.get(name)!.parents.flatMap((parent) => {
      const node = graph.nodes.get(parent)!;
      return node.kind === 'model' && node.parsed.model.materialized === 'ephemeral'
        ? effective.get(parent)!
        : [parent];
    });
    effective.set(name, [...new Set(parents)]);
  }
  return effective;
}
