import { hash } from 'node:crypto';
import { createCompiler, hasRelation } from '../graph/compile.js';
import type { Graph } from '../graph/node.js';
import type { NodeName } from '../project/model.js';
import { mdlVersion } from '../version.js';
import { describeNode, renderModel, withLineage } from './definition-of-node.js';
import {
  type DefinitionRow,
  forgetDefinitions,
  type RecordedNode,
  readColumns,
  readRecorded,
  writeDefinitions,
} from './definitions-sql.js';
import { effectiveParents, type Plan } from './plan.js';
import type { RelationFinder } from './relation-finder.js';
import type { RunSession } from './run-session.js';

/** Keeps in `medallion.definitions` what the nodes of a run are: only what has changed is made and written. */
export interface RunDefinitions {
  /** Makes the definitions of models that are about to be published, those that have changed: to be written in that transaction. */
  prepare(models: readonly NodeName[]): Promise<readonly DefinitionRow[]>;
}

/**
 * Records what no publish decides about: loads, tests, ephemeral models, and models of which readers see nothing yet; what has left the project and is not
 * published any more is forgotten. A published model stays defined as it was published until it is published again.
 * @param relations of the run: the stage is filled
 */
export async function recordDefinitions(
  session: RunSession,
  plan: Plan,
  relations: RelationFinder,
): Promise<RunDefinitions> {
  const { project, side, runId } = session;
  const { graph, options } = project;
  const recorded = new Map((await readRecorded(side, options.name)).map((row) => [row.node, row]));
  const make = await definitionMaker(session, plan, relations, recorded);
  const isNew = (name: NodeName) => !recorded.get(name)?.isPublished;
  await writeDefinitions(
    side,
    options.name,
    runId,
    await make([...plan.loads, ...plan.inlined, ...plan.models.filter(isNew), ...plan.tests]),
  );
  await forgetDefinitions(
    side,
    options.name,
    [...recorded.values()]
      .filter(({ node, isPublished }) => !isPublished && !graph.nodes.has(node as NodeName))
      .map(({ node }) => node),
  );
  return {
    prepare: async (models) => make(models.filter((name) => !isNew(name))),
  };
}

/** Makes the function that makes those definitions of a run's nodes that differ from what is recorded. */
async function definitionMaker(
  { project, side }: RunSession,
  plan: Plan,
  relations: RelationFinder,
  recorded: ReadonlyMap<string, RecordedNode>,
): Promise<(names: readonly NodeName[]) => Promise<DefinitionRow[]>> {
  const { graph } = project;
  const compiler = createCompiler(project.project, graph, relations.published);
  const parentsOf = effectiveParents(graph);
  const columns = await readColumns(
    side,
    relationsOf([...plan.loads, ...plan.models, ...plan.inlined], parentsOf, relations, graph),
  );
  // Imported by a run that has something to read: most have not.
  const lineage = once(async () => {
    const [{ openLineage }, { lineageOfNodes }] = await Promise.all([
      import('../graph/lineage/lineage.js'),
      import('../graph/lineage/of-nodes.js'),
    ]);
    return lineageOfNodes({
      graph,
      find: await openLineage(),
      relationOf: (name) => (hasRelation(graph, name) ? relations.published(name) : undefined),
      sqlOf: (name) => renderModel(compiler, name),
      columnsOf: (name) => columns.get(name),
    });
  });
  return async (names) => {
    const rows: DefinitionRow[] = [];
    for (const name of names) {
      const described = describeNode({ project, compiler, columns }, name);
      const isTest = graph.nodes.get(name)!.kind === 'test';
      const read = isTest ? [] : parentsOf.get(name)!.map((parent) => columns.get(parent));
      const digest = digestOf([mdlVersion, described, columns.get(name), read]);
      if (recorded.get(name)?.hash === digest) continue;
      rows.push({ node: name, hash: digest, definition: withLineage(described, (await lineage())(name)) });
    }
    return rows;
  };
}

/** Each node with its relation, and those that it reads, whose columns a select may hand on. */
function relationsOf(
  names: readonly NodeName[],
  parentsOf: ReadonlyMap<NodeName, readonly NodeName[]>,
  { current }: RelationFinder,
  graph: Graph,
) {
  const all = new Set(names.flatMap((name) => [name, ...parentsOf.get(name)!]));
  return [...all].filter((name) => hasRelation(graph, name)).map((node) => ({ node, ...current(node) }));
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function digestOf(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url');
}
