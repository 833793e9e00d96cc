import { changesSince } from '../../bronze/index.js';
import type { Sql } from '../../database/connect.js';
import type { Graph } from '../../graph/node.js';
import type { NodeName } from '../../project/model.js';
import { formatNumber } from '../../text/format.js';
import type { PublishedNode } from './read-states.js';
import type { Staleness } from './why-stale.js';

export interface ChangeContext {
  readonly side: Sql;
  readonly project: string;
  readonly graph: Graph;
  readonly states: ReadonlyMap<string, PublishedNode>;
}

/** Says why a model is built: `sql changed`, `bronze.pedidos has 120 new rows`. */
export async function describeChanges(
  stale: Staleness,
  { side, project, graph, states }: ChangeContext,
): Promise<string> {
  if ('why' in stale) return stale.why;
  const [first, ...others] = stale.parents;
  const { node, before } = first!;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  if (before === undefined) return `reads ${node} now${more}`;
  const parent = graph.nodes.get(node as NodeName);
  if (!parent) return `no longer reads ${node}${more}`;
  if (parent.kind !== 'load' || !states.has(node)) return `${node} changed${more}`;
  const changes = (await changesSince(side, project, [{ node, version: Number(before) }])).get(node);
  if (!changes) return `${node} changed${more}`;
  const { inserted, updated, deleted } = changes;
  const parts = [
    ...(inserted > 0 ? [`${formatNumber(inserted)} new`] : []),
    ...(updated > 0 ? [`${formatNumber(updated)} changed`] : []),
    ...(deleted > 0 ? [`${formatNumber(deleted)} deleted`] : []),
  ];
  const last = inserted > 0 ? inserted : updated > 0 ? updated : deleted;
  return parts.length === 0
    ? `${node} changed${more}`
    : `${node} has ${parts.join(', ')} ${last === 1 && parts.length === 1 ? 'row' : 'rows'}${more}`;
}
