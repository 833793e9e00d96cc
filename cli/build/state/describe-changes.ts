import { changesSince } from '../../bronze/index.js';
import type { Sql } from '../../database/connect.js';
import type { NodeName } from '../../project/model.js';
import { formatNumber } from '../../text/format.js';
import { isBorrowed } from '../environment/environment.js';
import type { OpenProject } from '../open-project.js';
import type { PublishedNode } from './read-states.js';
import type { Staleness } from './why-stale.js';

export interface ChangeContext {
  readonly side: Sql;
  readonly project: OpenProject;
  readonly states: ReadonlyMap<string, PublishedNode>;
}

/** Says why a model is built: `sql changed`, `bronze.pedidos has 120 new rows`. */
export async function describeChanges(
  stale: Staleness,
  { side, project, states }: ChangeContext,
): Promise<string> {
  if ('why' in stale) return stale.why;
  const { graph } = project;
  const [first, ...others] = stale.parents;
  const { node, before } = first!;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  if (before === undefined) return `reads ${node} now${more}`;
  const parent = graph.nodes.get(node as NodeName);
  if (!parent) return `no longer reads ${node}${more}`;
  if (parent.kind !== 'load' || !states.has(node)) return `${node} changed${more}`;
  const changes = await changesOf(parent.name, before);
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

  async function changesOf(load: NodeName, rows: string) {
    const where = isBorrowed(project, load) ? project.environment!.production : project;
    const own = project.environment && where === project ? `${where.options.name}:` : '';
    // It may have been read elsewhere then: the versions of one are none of the other.
    const version = rows.startsWith(own) ? Number(rows.slice(own.length)) : Number.NaN;
    if (!Number.isInteger(version)) return undefined;
    return (await changesSince(side, where.options.name, [{ node: load, version }])).get(load);
  }
}
