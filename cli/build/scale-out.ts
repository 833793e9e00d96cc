import type { Distribution } from '../config/distribution.js';
import { citusVersion, oneConnectionForEachNode } from '../database/citus.js';
import type { Queryable } from '../database/connect.js';
import type { Emit } from '../events/events.js';
import type { Graph, GraphNode } from '../graph/node.js';
import type { NodeName } from '../project/model.js';
import type { Move } from '../publish/move.js';

/** What a run does otherwise because its database is a Citus cluster. */
export interface ScaleOut {
  /** It is one, and some table of the project is to be distributed. */
  readonly isScaledOut: boolean;
  /** Statement with which a publish begins its transaction; empty: none. */
  beforePublish(moves: readonly Move[]): string;
}

/** Looks once for the extension, and only where the project has a use for it. */
export async function findScaleOut(sql: Queryable, graph: Graph): Promise<ScaleOut> {
  const nodes = [...graph.nodes.values()];
  if (!nodes.some(distributionOf) || (await citusVersion(sql)) === undefined)
    return { isScaledOut: false, beforePublish: () => '' };
  // Only models have foreign keys, which is what makes reference tables special; the rows of loads need all connections.
  const isModel = (name: string) => graph.nodes.get(name as NodeName)?.kind === 'model';
  const hasReference = nodes.some((node) => isModel(node.name) && distributionOf(node)?.kind === 'reference');
  return {
    isScaledOut: true,
    beforePublish: (moves) =>
      hasReference && moves.some(({ node }) => isModel(node)) ? oneConnectionForEachNode : '',
  };
}

export function distributionOf(node: GraphNode): Distribution | null {
  if (node.kind === 'load') return node.table.distribution;
  return node.kind === 'model' ? node.parsed.model.distribution : null;
}

/** One notice for all settings of a run that its database has no use for. */
export function tellUndistributed(
  graph: Graph,
  planned: readonly NodeName[],
  { isScaledOut }: Pick<ScaleOut, 'isScaledOut'>,
  emit: Emit,
): void {
  if (isScaledOut) return;
  const ignored = planned.filter((name) => distributionOf(graph.nodes.get(name)!));
  if (ignored.length === 0) return;
  const more = ignored.length > 3 ? ` and ${ignored.length - 3} more` : '';
  emit({
    event: 'notice',
    message: `The database has no citus extension: ${ignored.slice(0, 3).join(', ')}${more} ${ignored.length === 1 ? 'is' : 'are'} not distributed.`,
  });
}
