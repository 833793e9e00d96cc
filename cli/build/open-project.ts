import { loadOptions } from '../config/load.js';
import type { Options, Overrides } from '../config/options.js';
import { buildGraph } from '../graph/build-graph.js';
import type { Graph } from '../graph/node.js';
import { type Project, readProject } from '../project/read.js';
import { type Hook, parseHooks } from './hooks/parse.js';

/** A project, read and checked; no database has been asked yet. */
export interface OpenProject {
  readonly options: Options;
  readonly project: Project;
  readonly graph: Graph;
  readonly hooks: readonly Hook[];
}

export interface OpenProjectOptions extends Overrides {
  /** A folder in the project. */
  readonly dir: string;
}

/**
 * Reads configuration, models, macros and tests, and builds the graph.
 * @throws MedallionError MDL10xx, MDL12xx, MDL13xx, MDL7002
 */
export async function openProject({ dir, ...overrides }: OpenProjectOptions): Promise<OpenProject> {
  const options = await loadOptions(dir, overrides);
  const project = await readProject(options);
  const graph = buildGraph(project);
  return { options, project, graph, hooks: parseHooks(project, graph) };
}
