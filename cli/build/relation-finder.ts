import type { Relation } from '../database/identifiers.js';
import { MedallionError } from '../errors/index.js';
import type { NodeName } from '../project/model.js';
import type { ForeignTarget } from './contract-sql.js';
import { isBorrowed } from './environment/environment.js';
import type { OpenProject } from './open-project.js';
import { stageSchema } from './stage.js';

export interface RelationFinder {
  /** Where readers find it. */
  published(name: NodeName): Relation;
  /** Where this run finds it: in the stage when the run builds it, else where readers do. */
  current(name: NodeName): Relation;
  /** Where a table or a policy of this run that names it finds it when it is published: what is only shown in the stage never leaves it. */
  bound(name: NodeName): Relation;
  /** From now on this run finds it in the stage, or where readers do. `shown`: a view in the stage shows what the published relation will be. */
  place(name: NodeName, where: 'stage' | 'shown' | 'published'): void;
  /** The model of this run that will replace a published relation. */
  replacing(published: Relation): NodeName | undefined;
  /** What a foreign key points to, by the name that the contract gives. */
  target(name: string): ForeignTarget;
}

/** @param planned the models that this run may build; each is where readers find it until it is built */
export function relationFinder(project: OpenProject, planned: ReadonlySet<NodeName>): RelationFinder {
  const { graph } = project;
  const staged = new Set<NodeName>();
  const shown = new Set<NodeName>();
  const replaced = new Set(planned);
  const published = (name: NodeName): Relation => {
    const node = graph.nodes.get(name);
    const { options } = isBorrowed(project, name) ? project.environment!.production : project;
    if (node?.kind === 'load') return options.bronze.get(node.table.relation.name)!.relation;
    if (node?.kind === 'model')
      return { schema: options.layers.get(node.layer)!.schema, name: node.parsed.model.relationName };
    throw new MedallionError('MDL9001', { message: `${name} has no relation.` });
  };
  const current = (name: NodeName): Relation => {
    const relation = published(name);
    return staged.has(name)
      ? {
          schema: stageSchema(
            project.options.name,
            project.options.layers.get(graph.nodes.get(name)!.layer)!,
          ),
          name: relation.name,
        }
      : relation;
  };
  return {
    published,
    current,
    bound: (name) => (shown.has(name) ? published(name) : current(name)),
    place(name, where) {
      if (where === 'published') staged.delete(name);
      else staged.add(name);
      if (where === 'shown') shown.add(name);
      else shown.delete(name);
      if (where === 'stage') replaced.add(name);
      else replaced.delete(name);
    },
    replacing: ({ schema, name }) =>
      [...replaced].find((node) => published(node).schema === schema && published(node).name === name),
    target(reference) {
      const name = graph.resolve('ref', reference);
      const node = graph.nodes.get(name)!;
      const model = node.kind === 'model' ? node.parsed.model : undefined;
      return {
        relation: shown.has(name) ? published(name) : current(name),
        isShown: shown.has(name),
        primaryKey: model?.contract.primaryKey ?? [],
        distribution: model?.distribution ?? null,
      };
    },
  };
}
