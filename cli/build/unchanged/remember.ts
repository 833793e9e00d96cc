import { join } from 'node:path';
import { unchangedLoads, unchangedResult } from '../../bronze/index.js';
import type { Event } from '../../events/events.js';
import type { LoadNode, ModelNode, TestNode } from '../../graph/node.js';
import type { NodeContext } from '../nodes/context.js';
import type { OpenProject } from '../open-project.js';
import type { Plan } from '../plan.js';
import { writtenEvents } from '../run-log.js';
import { constantCode } from './code-of-project.js';
import { readsNoise } from './environment.js';
import { type KnownDatabase, writeMemory } from './memory.js';
import { stateToken } from './state-token.js';
import { watchPaths, withPathsBelow } from './watched-paths.js';

export interface RememberOptions {
  /** When the project's files were read, in milliseconds since 1970. */
  readonly readAtMs: number;
  /** What the run began with. */
  readonly started: Event;
}

/**
 * Remembers of a whole build that has ended well that the next one has nothing to do, if that is so: see `recallUnchanged`. Asks what that build would ask, of
 * the same state.
 */
export async function rememberUnchanged(
  { session, state, timeline, signal }: Pick<NodeContext, 'session' | 'state' | 'timeline' | 'signal'>,
  plan: Plan,
  { readAtMs, started }: RememberOptions,
): Promise<void> {
  const { project, side } = session;
  const { options, graph } = project;
  const database = knownDatabase(project, session.database.url);
  const code = isSilent(project) && constantCode(codeOf(project));
  if (!database || !code || readsNoise(templatesOf(project), code.values())) return;
  const tables = plan.loads.map((name) => (graph.nodes.get(name) as LoadNode).table);
  if (tables.some(({ source }) => !source.known)) return;
  const schemas = [...new Set([...options.layers.values()].map(({ schema }) => schema))];
  const token = () => stateToken(side, options.name, schemas);
  const before = await token();
  await state.readAgain();
  let until = Number.POSITIVE_INFINITY;
  for (const name of plan.models) {
    const node = graph.nodes.get(name) as ModelNode;
    if ((await state.whyBuild(node)) !== undefined) return;
    state.settle(name, 'kept');
    const { freshnessMs } = node.parsed.model;
    const builtAt = state.published(name)?.inputs?.builtAt;
    if (freshnessMs !== undefined && builtAt !== undefined)
      until = Math.min(until, Date.parse(builtAt) + freshnessMs);
    until = Math.min(until, timeline.dueAt(name) ?? until);
  }
  if (plan.tests.some((name) => state.mustTest(graph.nodes.get(name) as TestNode))) return;
  const loads = await unchangedLoads(side, options.name, tables, { projectDir: options.projectDir, signal });
  if (loads.size < tables.length) return;
  const paths = watchPaths(
    [
      ...code.keys(),
      ...['models', 'macros', 'tests'].flatMap((folder) => withPathsBelow(join(options.projectDir, folder))),
      ...[...loads.values()].flatMap((load) => load.paths),
    ],
    readAtMs,
  );
  if (!paths || (await token()) !== before) return;
  const rowsOf = (name: string) => loads.get(name)!.rows;
  const events = plan.order.flatMap((name) => unchangedEvents(project, name, rowsOf));
  writeMemory(options.projectDir, options.configFile, {
    ...{
      project: options.name,
      target: options.target,
      schemas,
      history: options.history,
      database,
      paths,
      token: before,
    },
    until: Number.isFinite(until) ? until : null,
    events: [started, ...events],
    written: writtenEvents(events, 2),
  });
}

function templatesOf({ project: { models, macros, singularTests } }: OpenProject): readonly string[] {
  return [
    ...models.map(({ template }) => template.text),
    ...singularTests.map(({ template }) => template.text),
    ...[...macros.values()].flatMap((macro) => (macro.kind === 'partial' ? [macro.template.text] : [])),
  ];
}

/** Nothing has to happen although nothing has changed, and nothing rests on what others publish. */
function isSilent({ options, hooks, environment }: OpenProject): boolean {
  const hasReaders = hooks.length + options.channels.length > 0 || options.traces !== undefined;
  // What an environment reads of another target moves with that one.
  return !hasReaders && environment === undefined;
}

/** Files that are run when a project is opened. */
function codeOf({ options: { projectDir, configFile } }: OpenProject): readonly string[] {
  const macros = withPathsBelow(join(projectDir, 'macros')).filter((path) => path.endsWith('.ts'));
  return [join(projectDir, configFile), ...macros];
}

function knownDatabase({ options }: OpenProject, url: string): KnownDatabase | undefined {
  // Where there are no unix sockets, the embedded server's address has a password too.
  if (!options.database) return /^\w+:\/\/[^/@]*:[^/@]*@/.test(url) ? undefined : { url };
  const variable = Object.keys(process.env).find((name) => process.env[name] === options.database);
  return variable === undefined ? undefined : { variable };
}

/** What a build tells of a node that has not changed. */
function unchangedEvents(
  { graph }: OpenProject,
  name: string,
  rowsOf: (load: string) => number,
): readonly Event[] {
  const node = graph.nodes.get(name as never)!;
  const nothing = { node: name, durationMs: 0 };
  switch (node.kind) {
    case 'load': {
      const { from: source, strategy } = node.table;
      return [
        { event: 'load.started', node: name, source, strategy },
        { event: 'load.finished', ...nothing, ...unchangedResult(rowsOf(name)) },
      ];
    }
    case 'model': {
      const { materialized } = node.parsed.model;
      return [{ event: 'model.finished', ...nothing, materialized, status: 'unchanged', tests: [] }];
    }
    case 'test':
      return [{ event: 'test.finished', ...nothing, results: [], isUnchanged: true }];
  }
}
