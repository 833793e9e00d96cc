import { loadOptions } from '../config/load.js';
import type { MedallionError } from '../errors/index.js';
import { noCounts } from '../events/counts.js';
import type { Emit } from '../events/events.js';
import { notifyRun } from '../notify/notify-run.js';
import type { OpenProjectOptions } from './open-project.js';

export interface UnopenedRun {
  readonly command: string;
  readonly cause: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Tells of a run that nobody watches and whose project could not be opened, because a model does not compile, say. Without a configuration
 * that can be read nobody is known who could be told. Nothing is thrown.
 */
export async function tellUnopened(
  { dir, ...overrides }: OpenProjectOptions,
  error: MedallionError,
  { command, cause, emit, signal }: UnopenedRun,
): Promise<void> {
  const options = await loadOptions(dir, overrides).catch(() => undefined);
  if (!options) return;
  const report = {
    ...{ project: options.name, target: options.target, command, cause, selection: null, runId: null },
    ...{
      startedAt: new Date().toISOString(),
      durationMs: 0,
      status: 'failed' as const,
      error: error.toJSON(),
    },
    ...{ counts: noCounts, failures: [], warnings: [], published: [], readersSee: undefined },
  };
  await notifyRun(options, report, { sql: undefined, emit, signal });
}
