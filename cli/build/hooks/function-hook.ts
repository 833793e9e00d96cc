import { relative } from 'node:path';
import type { HookFunction } from '../../config/define-hooks.js';
import type { Sql } from '../../database/connect.js';
import { isConnectionLoss, postgresError } from '../../database/postgres-error.js';
import { MedallionError, type Where } from '../../errors/index.js';
import type { Emit } from '../../events/events.js';
import type { OpenProject } from '../open-project.js';
import type { Hook } from './parse.js';
import type { HookState } from './state.js';

export interface FunctionHookOptions {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Calls a hook in TypeScript.
 * @throws MedallionError MDL7001: it threw; a lost connection as the driver raises it
 */
export async function runFunctionHook(
  sql: Sql,
  project: OpenProject,
  { name, where }: Hook,
  run: HookFunction,
  { command, ...state }: HookState,
  { emit, signal }: FunctionHookOptions,
): Promise<void> {
  const { options } = project;
  try {
    await run({
      sql,
      project: options.name,
      target: options.target,
      command,
      ...state,
      log: (message) => emit({ event: 'notice', message: `${name}: ${message}` }),
      signal,
    });
  } catch (cause) {
    if (cause instanceof MedallionError || isConnectionLoss(cause)) throw cause;
    const postgres = postgresError(cause);
    throw new MedallionError('MDL7001', {
      message: `The hook ${name} failed: ${postgres?.message ?? (cause instanceof Error ? cause.message : String(cause))}`,
      where: placeIn(options.projectDir, cause) ?? where,
      cause,
      postgres,
    });
  }
}

/** The first line of the project's own files in the stack of what was thrown. Columns are those of the compiled text, so they are left out. */
function placeIn(projectDir: string, cause: unknown): Where | undefined {
  const stack = cause instanceof Error ? (cause.stack ?? '') : '';
  for (const [, path, line] of stack.matchAll(
    /(?:\(|at (?:async )?)(?:file:\/\/)?([^()\n]+):(\d+):\d+\)?$/gm,
  )) {
    const file = relative(projectDir, path!).replaceAll('\\', '/');
    if (!file.startsWith('..') && !file.includes('node_modules/') && !/^\w:|^\//.test(file))
      return { file, line: Number(line) };
  }
  return undefined;
}
