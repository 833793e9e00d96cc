import { noGrants } from '../../config/grants.js';
import type { Options } from '../../config/options.js';
import { buildGraph } from '../../graph/build-graph.js';
import { allReferences } from '../../graph/edges.js';
import type { Graph } from '../../graph/node.js';
import type { ForeignKey, Model, NodeName, TestDeclaration } from '../../project/model.js';
import { policyConditions } from '../../project/model.js';
import type { ParsedModel } from '../../project/parse-model.js';
import type { Project } from '../../project/read.js';

/** Whether the environment has a relation of its own for a node. */
export type IsOwn = (name: NodeName) => boolean;

interface Separable {
  /** The project as it is in production. */
  readonly project: Project;
  readonly graph: Graph;
  /** Of the environment. */
  readonly options: Options;
}

/**
 * A project as an environment builds it. Nothing of the environment may hinder production, so what would bind relations of both to each other is left out: foreign
 * keys between them become data tests, policies that read production are taken away, which leaves the rows to their owner. Without `grants` that is so for all.
 */
export function separate(
  { project, graph, options }: Separable,
  isOwn: IsOwn,
): { readonly project: Project; readonly graph: Graph } {
  const keepsRights = options.environment!.grants;
  const models = project.models.map((parsed): ParsedModel => {
    const { model } = parsed;
    const [kept, tested] = divideKeys(model, graph, isOwn);
    const policies =
      model.policies && (keepsRights && !readsOthers(model, project, graph, isOwn) ? model.policies : []);
    return {
      ...parsed,
      model: {
        ...model,
        policies,
        grants: keepsRights ? model.grants : noGrants,
        contract: { ...model.contract, foreignKeys: kept },
        tests: [...model.tests, ...tested.map((key) => asTest(key, graph))],
      },
    };
  });
  const separated = { ...project, options, models };
  return { project: separated, graph: buildGraph(separated) };
}

/** Keys between relations of the environment, and keys that reach from one to production or the other way. */
function divideKeys(
  { name, contract }: Model,
  graph: Graph,
  isOwn: IsOwn,
): readonly [readonly ForeignKey[], readonly ForeignKey[]] {
  const target = ({ references }: ForeignKey) => graph.resolve('ref', references);
  return [
    contract.foreignKeys.filter((key) => isOwn(name) && isOwn(target(key))),
    contract.foreignKeys.filter((key) => isOwn(name) !== isOwn(target(key))),
  ];
}

function asTest(
  { columns, references, referencedColumns, where }: ForeignKey,
  graph: Graph,
): TestDeclaration {
  const node = graph.nodes.get(graph.resolve('ref', references));
  const primaryKey = node?.kind === 'model' ? node.parsed.model.contract.primaryKey : [];
  return {
    kind: 'relationships',
    argument: {
      columns,
      to: references,
      fields: referencedColumns.length > 0 ? referencedColumns : primaryKey,
    },
    severity: 'error',
    name: `foreign key (${columns.join(', ')}) to ${references}`,
    where,
  };
}

function readsOthers(model: Model, { macros }: Project, graph: Graph, isOwn: IsOwn): boolean {
  return policyConditions(model)
    .flatMap(({ template }) => allReferences(template, macros))
    .some(({ helper, name }) => !isOwn(graph.resolve(helper, name)));
}
