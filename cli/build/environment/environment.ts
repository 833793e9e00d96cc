import { hasRelation } from '../../graph/compile.js';
import type { NodeName } from '../../project/model.js';
import { plural } from '../../text/format.js';
import type { OpenProject } from '../open-project.js';

/** Whether a node's relation is another target's. */
export function isBorrowed({ environment }: OpenProject, name: NodeName): boolean {
  return environment?.own !== undefined && !environment.own.has(name);
}

/**
 * What a run of a project may work on: in an environment its own relations, and tests that read one or have changed themselves. Ephemeral models come
 * along where they are read.
 */
export function withoutBorrowed(
  project: OpenProject,
  selected: ReadonlySet<NodeName>,
): ReadonlySet<NodeName> {
  if (!project.environment) return selected;
  const { graph } = project;
  const isOwn = (name: NodeName) => !isBorrowed(project, name);
  return new Set(
    [...selected].filter((name) => {
      const node = graph.nodes.get(name)!;
      if (node.kind !== 'test') return hasRelation(graph, name) && isOwn(name);
      return (
        project.changes?.modified.has(name) ||
        node.parents.some((parent) => hasRelation(graph, parent) && isOwn(parent))
      );
    }),
  );
}

/** Where a relation of an environment is, and why it is one of its own; nothing for any other target, and for what has no relation. */
export function describeTarget(
  { environment, graph, options }: OpenProject,
  name: NodeName,
): { readonly target?: string; readonly why?: string } {
  if (!environment?.own || !hasRelation(graph, name)) return {};
  const why = environment.own.get(name);
  return why === undefined ? { target: options.environment!.from } : { target: options.target, why };
}

/** `dev: 2 models differ from prod, 10 are read from there.` */
export function describeEnvironment({ environment, graph, options }: OpenProject): string | undefined {
  if (!environment?.own) return undefined;
  const all = graph.order.filter((name) => hasRelation(graph, name));
  const own = [...environment.own.keys()];
  const { from } = options.environment!;
  const listed = own.length === 0 ? '' : ` (${own.slice(0, 5).join(', ')}${own.length > 5 ? ', …' : ''})`;
  return `${options.target}: ${own.length === 0 ? 'nothing' : plural(own.length, 'relation')} ${own.length > 1 ? 'differ' : 'differs'} from ${from}${listed}; ${all.length - own.length} are read from there.`;
}

/** Why a run of an environment has nothing to do although it has relations of its own. */
export function describeNothing(
  { environment, options }: OpenProject,
  planned: readonly NodeName[],
): string | undefined {
  if (!environment?.own || environment.own.size === 0 || planned.length > 0) return undefined;
  const { from } = options.environment!;
  return `What is selected is read from ${from}; nothing is loaded or built: npx mdl build --target ${from} does that.`;
}
