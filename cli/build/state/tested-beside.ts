import { isEphemeral } from '../../graph/compile.js';
import { readsOf } from '../../graph/edges.js';
import type { ModelNode } from '../../graph/node.js';
import type { NodeName } from '../../project/model.js';
import type { OpenProject } from '../open-project.js';

/** What a model's own tests read beside it and its parents: relations further below, from which rows may go that leave the parents as they are. */
export function testedBeside(
  { project, graph }: OpenProject,
  { name, tests }: ModelNode,
  parentsOf: ReadonlyMap<NodeName, readonly NodeName[]>,
): readonly NodeName[] {
  const read = tests
    .flatMap((test) => readsOf(test, project.macros))
    .map((reference) => graph.resolve(reference.helper, reference.name))
    .flatMap((node) => (isEphemeral(graph, node) ? parentsOf.get(node)! : [node]));
  const parents = parentsOf.get(name)!;
  return [...new Set(read)].filter((node) => node !== name && !parents.includes(node));
}
