import { MedallionError } from '../errors/index.js';
import { isEphemeral } from '../graph/compile.js';
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
  /** Ephemeral models that were selected, or that are read by what is planned, parents first. */
  readonly inlined: readonly NodeName[];
  /** Tests that need several relations. */
  readonly tests: readonly NodeName[];
  /** All of them, parents first. */
  readonly order: readonly NodeName[];
  /** Parents inside this plan, ephemeral models replaced by what they read. */
  readonly parents: ReadonlyMap<NodeName, readonly NodeName[]>;
}

/**
 * Turns a selection into the work of a run.
 * @throws MedallionError MDL1005: the phases cover nothing of what was selected by name
 */
export function makePlan(graph: Graph, selected: ReadonlySet<NodeName>, phases: Phases): Plan {
  const effective = effectiveParents(graph);
  const order = graph.order.filter((name) => {
    const node = graph.nodes.get(name)!;
    if (!selected.has(name)) return false;
    if (node.kind === 'load') return phases.load;
    return phases.models && !isEphemeral(graph, name);
  });
  if (order.length === 0 && selected.size > 0 && selected.size < graph.nodes.size)
    throw nothingToDo(graph, selected);
  const planned = new Set(order);
  const inlined = inlinedModels(graph, phases.models ? selected : new Set(), planned);
  const ofKind = (kind: string) => order.filter((name) => graph.nodes.get(name)!.kind === kind);
  return {
    loads: ofKind('load'),
    models: ofKind('model'),
    inlined,
    tests: ofKind('test'),
    order,
    parents: new Map(
      order.map((name) => [name, effective.get(name)!.filter((parent) => planned.has(parent))]),
    ),
  };
}

function nothingToDo(graph: Graph, selected: ReadonlySet<NodeName>): MedallionError {
  const [name] = selected;
  const node = graph.nodes.get(name!)!;
  const others = selected.size === 1 ? '' : `, and so on: ${selected.size} are selected`;
  if (node.kind === 'load')
    return new MedallionError('MDL1005', {
      message: `${name} is a bronze table${others}; this command works on models and tests.`,
      hint: `Load it with: npx mdl load ${name}`,
    });
  const isInlined = isEphemeral(graph, node.name);
  return new MedallionError('MDL1005', {
    message: isInlined
      ? `${name} is ephemeral${others}: it lives inside the models that read it.`
      : `${name} is a ${node.kind}${others}; this command works on bronze tables only.`,
    hint: isInlined
      ? `Take them along: ${name}+`
      : `Build it, and load what it reads, with: npx mdl build +${name}`,
  });
}

function inlinedModels(
  graph: Graph,
  selected: ReadonlySet<NodeName>,
  planned: ReadonlySet<NodeName>,
): readonly NodeName[] {
  const inlined = new Set<NodeName>();
  for (const name of graph.order.toReversed()) {
    const isWanted =
      selected.has(name) ||
      graph.children.get(name)!.some((child) => planned.has(child) || inlined.has(child));
    if (isWanted && isEphemeral(graph, name)) inlined.add(name);
  }
  return [...inlined].reverse();
}

/** Parents with a relation: an ephemeral model stands for its own parents. */
export function effectiveParents(graph: Graph): ReadonlyMap<NodeName, readonly NodeName[]> {
  const effective = new Map<NodeName, readonly NodeName[]>();
  for (const name of graph.order) {
    const parents = graph.nodes.get(name)!.parents.flatMap((parent) => {
      return isEphemeral(graph, parent) ? effective.get(parent)! : [parent];
    });
    effective.set(name, [...new Set(parents)]);
  }
  return effective;
}
