import type { Argv } from 'yargs';
import { openProject } from '../build/open-project.js';
import { publishOpenPlan } from '../build/planned/publish-open-plan.js';
import { overridesOf, type ProjectArguments, projectFlags, runFlags } from './flags.js';
import { reportRun } from './report-run.js';

export const builder = (yargs: Argv) =>
  yargs
    .options({ ...projectFlags, 'no-wait': runFlags['no-wait'], json: runFlags.json })
    .example('mdl plan && mdl publish', 'look at what would change, then let it be seen');

interface Arguments extends ProjectArguments {
  readonly noWait: boolean;
  readonly json: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
  await reportRun(args, (reporting) => publishOpenPlan(project, { noWait: args.noWait, ...reporting }));
}
