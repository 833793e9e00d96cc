import { migrate, readSchemaVersion } from '../../database/migrations/index.js';
import { hasRelation } from '../../graph/compile.js';
import type { Graph } from '../../graph/node.js';
import { needsChanges, type Selection } from '../../graph/select.js';
import type { NodeName } from '../../project/model.js';
import { openDatabase } from '../open-database.js';
import type { OpenProject } from '../open-project.js';
import { effectiveParents } from '../plan.js';
import { type Differences, findDifferences } from './differences.js';
import { separate } from './separate.js';

/**
 * Asks the database what cannot be known without it: what an environment builds itself, and what `state:` selects. Any other project stays as it is, and
 * no database is asked.
 * @throws MedallionError MDL20xx, MDL21xx, MDL1205, MDL1206, MDL1208
 */
export async function resolveProject(
  project: OpenProject,
  selection: Partial<Selection> = {},
): Promise<OpenProject> {
  const { environment } = project;
  if (!environment && !needsChanges(selection)) return project;
  const published = environment?.production ?? project;
  const differences = await readDifferences(published);
  const changes = changesOf(differences);
  if (!environment) return { ...project, changes };
  // What only a foreign key points to is not read.
  const own = ownNodes(separate({ ...published, options: project.options }, () => false).graph, differences);
  const separated = separate({ ...published, options: project.options }, (name) => own.has(name));
  return { ...project, ...separated, changes, environment: { ...environment, own } };
}

async function readDifferences(published: OpenProject): Promise<Differences> {
  const database = await openDatabase(published.options);
  try {
    const sql = database.connect({ max: 1, applicationName: 'mdl' });
    if ((await readSchemaVersion(sql)) === 0) return allNew(published.graph);
    await migrate(sql);
    return await findDifferences(published, sql);
  } finally {
    await database.close();
  }
}

function allNew(graph: Graph): Differences {
  const names = graph.order.filter((name) => hasRelation(graph, name));
  return new Map(names.map((name) => [name, { isNew: true, why: 'not published' }]));
}

function changesOf(differences: Differences) {
  return {
    modified: new Set(differences.keys()),
    new: new Set([...differences].flatMap(([name, { isNew }]) => (isNew ? [name] : []))),
  };
}

/** What differs, and what reads it, directly or through others. */
function ownNodes(graph: Graph, differences: Differences): ReadonlyMap<NodeName, string> {
  const parentsOf = effectiveParents(graph);
  const own = new Map<NodeName, string>();
  for (const name of graph.order) {
    if (!hasRelation(graph, name)) continue;
    const parent = parentsOf.get(name)!.find((candidate) => own.has(candidate));
    const why = differences.get(name)?.why ?? (parent && `reads ${parent}`);
    if (why !== undefined) own.set(name, why);
  }
  return own;
}
