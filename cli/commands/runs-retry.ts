import { openProject } from '../build/open-project.js';
import { retryRun } from '../build/retry.js';
import { overridesOf, type ProjectArguments } from './flags.js';
import { reportRun } from './report-run.js';

export interface RetryArguments extends ProjectArguments {
  /** The run; undefined: the latest. */
  readonly id?: number | undefined;
  readonly noWait: boolean;
  readonly json: boolean;
}

/** Takes a run up again, and shows it as any other. */
export async function retry(args: RetryArguments): Promise<void> {
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
  await reportRun(args, (reporting) => retryRun(project, args.id, { ...reporting, noWait: args.noWait }));
}
