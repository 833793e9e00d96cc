import type { ModelNode } from '../../graph/node.js';
import type { OpenProject } from '../open-project.js';
import type { Check } from './check.js';

/** Ways around row-level security, and writing that nothing limits. */
export function examinePolicies({ graph }: OpenProject): Check[] {
  const models = [...graph.nodes.values()].filter((node): node is ModelNode => node.kind === 'model');
  return models.flatMap((node) => [...unlimitedWriting(node), ...viewAround(node, graph.nodes)]);
}

function unlimitedWriting({ name, parsed: { model } }: ModelNode): Check[] {
  const { insert, update, delete: deleting } = model.grants;
  const roles = [...new Set([...insert, ...update, ...deleting])].filter((role) =>
    ['anon', 'authenticated', 'public'].includes(role),
  );
  if (roles.length === 0 || model.policies) return [];
  return [
    {
      status: 'warn',
      what: `${roles.join(' and ')} may write every row of ${name}, until the next build makes it anew`,
      fix: 'give it rls, or take the right out of grants',
    },
  ];
}

function viewAround(
  { name, parents, parsed: { model } }: ModelNode,
  nodes: OpenProject['graph']['nodes'],
): Check[] {
  const { materialized } = model;
  if ((materialized !== 'view' && materialized !== 'materialized_view') || model.securityInvoker) return [];
  const secured = parents.filter((parent) => {
    const node = nodes.get(parent);
    return node?.kind === 'model' && node.parsed.model.policies;
  });
  if (secured.length === 0) return [];
  return [
    {
      status: 'warn',
      what: `the ${materialized.replace('_', ' ')} ${name} shows all rows of ${secured.join(', ')}, whatever their rls says`,
      fix:
        materialized === 'view'
          ? 'security_invoker: true in its front matter, where that is not meant'
          : 'make it a table with rls of its own, where that is not meant',
    },
  ];
}
