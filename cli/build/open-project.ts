import { loadOptions } from '../config/load.js';
import type { Options, Overrides } from '../config/options.js';
import { buildGraph } from '../graph/build-graph.js';
import type { Graph } from '../graph/node.js';
import type { Changes } from '../graph/select.js';
import type { NodeName } from '../project/model.js';
import { type Project, readProject } from '../project/read.js';
import { separate } from './environment/separate.js';
import { type Hook, parseHooks } from './hooks/parse.js';

/** A target that builds only what differs from another one. */
export interface Environment {
  /** The project as it is read: the relations, the state and the definitions of the other target. */
  readonly production: OpenProject;
  /** What it has relations of its own for, and why; undefined: the database has not been asked. */
  readonly own?: ReadonlyMap<NodeName, string> | undefined;
}

/** A project, read and checked; no database has been asked yet. */
export interface OpenProject {
  readonly options: Options;
  readonly project: Project;
  readonly graph: Graph;
  readonly hooks: readonly Hook[];
  /** Undefined: the target stands for itself. */
  readonly environment?: Environment | undefined;
  /** What differs from what is published; undefined: the database has not been asked. */
  readonly changes?: Changes | undefined;
}

export interface OpenProjectOptions extends Overrides {
  /** A folder in the project. */
  readonly dir: string;
}

/**
 * Reads configuration, models, macros and tests, and builds the graph.
 * @throws MedallionError MDL10xx, MDL12xx, MDL13xx, MDL7002
 * @see resolveProject for what only the database knows
 */
export async function openProject({ dir, ...overrides }: OpenProjectOptions): Promise<OpenProject> {
  const options = await loadOptions(dir, overrides);
  const published = options.environment?.production ?? options;
  const project = await readProject(published);
  const graph = buildGraph(project);
  const opened = { options: published, project, graph, hooks: parseHooks(project, graph) };
  if (!options.environment) return opened;
  const separated = separate({ ...opened, options }, () => true);
  return { ...opened, ...separated, options, environment: { production: opened } };
}
