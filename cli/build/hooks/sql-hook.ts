import type { Sql } from '../../database/connect.js';
import { quoteRelation } from '../../database/identifiers.js';
import { postgresError } from '../../database/postgres-error.js';
import { MedallionError, type Where } from '../../errors/index.js';
import { firstKeyword } from '../../graph/sql-text.js';
import type { RenderScope } from '../../project/render.js';
import { locate } from '../../project/source-spans.js';
import { compose } from '../model-sql.js';
import type { OpenProject } from '../open-project.js';
import { relationFinder } from '../relation-finder.js';
import type { Hook } from './parse.js';
import type { HookState } from './state.js';

/**
 * Carries out a hook in SQL. Its statements go in one message, which Postgres makes one transaction; a single statement may also be one
 * that no transaction may hold, such as `vacuum`.
 * @throws MedallionError MDL7001, MDL1205, MDL1206; errors of the connection as the driver raises them
 */
export async function runSqlHook(
  sql: Sql,
  project: OpenProject,
  hook: Hook,
  state: HookState,
): Promise<void> {
  if (hook.action.kind !== 'sql') return;
  const { renderer } = project.project;
  const { template, isPlaced } = hook.action;
  const scope = scopeOf(project, hook, state);
  const text = renderer.render(template, scope);
  // As in dbt: a template that comes to nothing has nothing to do.
  if (firstKeyword(text) === undefined) return;
  try {
    await sql.unsafe(text);
  } catch (cause) {
    const postgres = postgresError(cause);
    if (!postgres) throw cause;
    throw new MedallionError('MDL7001', {
      message: `The hook ${hook.name} failed: ${postgres.message}`,
      where: place(postgres.position),
      cause,
      postgres,
    });
  }

  function place(position: number | undefined): Where {
    if (position === undefined) return hook.where;
    const spans = renderer.renderSpans(template, scope);
    const found = compose([{ text, locate: (offset) => locate(spans, offset) }]).locate(position);
    return found && (isPlaced || found.file !== template.file) ? found : hook.where;
  }
}

function scopeOf({ options, graph, ...project }: OpenProject, hook: Hook, state: HookState): RenderScope {
  const { published } = relationFinder({ options, graph, ...project }, new Set());
  return {
    get thisRelation(): never {
      throw new MedallionError('MDL7002', {
        message: 'There is no {{this}} in a hook, outside of {{#each}}.',
        where: hook.where,
      });
    },
    resolve: (helper, name) => quoteRelation(published(graph.resolve(helper, name))),
    vars: options.vars,
    env: process.env,
    target: { name: options.target },
    extra: {
      run_id: state.runId,
      project: options.name,
      command: state.command,
      cause: state.cause,
      status: state.status,
      counts: state.counts,
      published: state.published,
    },
  };
}
