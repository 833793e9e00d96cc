import type { Sql } from '../database/connect.js';
import { migrate } from '../database/migrations/index.js';
import { MedallionError } from '../errors/index.js';
import { selectNodes } from '../graph/select.js';
import type { NodeName } from '../project/model.js';
import { build, type RunOptions, type RunOutcome } from './build.js';
import { withoutBorrowed } from './environment/environment.js';
import { resolveProject } from './environment/resolve.js';
import { openDatabase } from './open-database.js';
import type { OpenProject } from './open-project.js';
import { readStoredOptions, type StoredRun } from './read-runs.js';

/**
 * Takes up a run that failed, was interrupted or crashed: what it brought to its end stays, all else is done now. Loads that were committed are not
 * read again; models that were built and not published are built anew, as their stage is gone.
 * @param runId undefined: the project's latest run
 * @throws MedallionError MDL5003 (no such run), MDL5005 (it came to its end, or goes on)
 */
export async function retryRun(
  opened: OpenProject,
  runId: number | undefined,
  options: Pick<RunOptions, 'cause' | 'emit' | 'signal' | 'noWait'> = {},
): Promise<RunOutcome> {
  let project = opened;
  const database = await openDatabase(project.options);
  let run: StoredRun;
  let nodes: ReadonlySet<NodeName>;
  try {
    const sql = database.connect({ max: 1, applicationName: 'mdl' });
    await migrate(sql);
    run = await readStoredOptions(sql, project.options.name, runId);
    if (run.status === 'succeeded' || run.status === 'running')
      throw new MedallionError('MDL5005', {
        message: `Run ${run.runId} ${run.status === 'running' ? 'still goes on' : 'has succeeded'}.`,
      });
    project = await resolveProject(opened, run.options);
    nodes = withoutBorrowed(project, await leftOver(sql, project, run));
  } finally {
    await database.close();
  }
  if (nodes.size === 0)
    throw new MedallionError('MDL5005', {
      message: `Run ${run.runId} left nothing that this project still has.`,
    });
  return build(project, {
    cause: 'retry',
    ...run.options,
    ...options,
    command: run.command,
    retry: { runId: run.runId, nodes },
  });
}

/** What a run set out to do and did not bring to its end. */
async function leftOver(
  sql: Sql,
  { graph, changes }: OpenProject,
  run: StoredRun,
): Promise<ReadonlySet<NodeName>> {
  const [told] = await sql<{ planned: string[] | null; published: string[] }[]>`
    select (select array(select json_array_elements_text(event -> 'nodes'))
              from medallion.run_events where run_id = ${run.runId} and event ->> 'event' = 'run.started') as planned,
           array(select json_array_elements_text(event -> 'nodes')
              from medallion.run_events where run_id = ${run.runId} and event ->> 'event' = 'publish.finished') as published`;
  // It ended before it could say what it would do.
  if (!told!.planned) {
    const { select = [], exclude = [] } = run.options;
    return selectNodes(graph, { select, exclude }, changes);
  }
  const ended = await sql<{ node: string; kind: string; status: string }[]>`
    select node, kind, status from medallion.run_nodes where run_id = ${run.runId} and status in ('succeeded', 'unchanged')`;
  const done = new Set<string>([
    ...told!.published,
    ...ended
      .filter(({ kind, status }) => kind === 'load' || (kind === 'model' && status === 'unchanged'))
      .map(({ node }) => node),
  ]);
  // A test counts if what it has tested is seen.
  for (const { node, kind } of ended) {
    const parents = graph.nodes.get(node as NodeName)?.parents ?? [];
    if (kind === 'test' && parents.every((parent) => done.has(parent))) done.add(node);
  }
  return new Set(
    told!.planned.filter((name) => !done.has(name) && graph.nodes.has(name as NodeName)) as NodeName[],
  );
}
