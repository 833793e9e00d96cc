import { type LoadPreview, type LoadRequest, previewLoad } from '../bronze/index.js';
import { readSchemaVersion } from '../database/migrations/index.js';
import { type Selection, selectNodes } from '../graph/select.js';
import { createSourceSession } from '../sources/session.js';
import { withoutBorrowed } from './environment/environment.js';
import { resolveProject } from './environment/resolve.js';
import { openDatabase } from './open-database.js';
import type { OpenProject } from './open-project.js';

/**
 * What `mdl load` would read, table by table; nothing is changed.
 * @throws MedallionError as the loads themselves would
 */
export async function previewLoads(
  opened: OpenProject,
  options: Selection & { readonly request: LoadRequest; readonly signal: AbortSignal },
): Promise<readonly LoadPreview[]> {
  const project = await resolveProject(opened, options);
  const { graph, options: settings } = project;
  const database = await openDatabase(settings);
  const sources = createSourceSession();
  try {
    const sql = database.connect({ max: 1, applicationName: 'mdl' });
    const hasHistory = (await readSchemaVersion(sql)) > 0;
    const previews: LoadPreview[] = [];
    for (const name of withoutBorrowed(project, selectNodes(graph, options, project.changes))) {
      const node = graph.nodes.get(name)!;
      if (node.kind !== 'load') continue;
      const { name: projectName, projectDir } = settings;
      const context = {
        project: projectName,
        projectDir,
        hasHistory,
        request: options.request,
        sources,
        signal: options.signal,
      };
      previews.push(await previewLoad(sql, node.table, context));
    }
    return previews;
  } finally {
    await sources.close();
    await database.close();
  }
}
