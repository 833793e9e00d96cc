import type { Argv } from 'yargs';
import { recallUnchanged } from '../build/unchanged/recall.js';
import { findProjectDir } from '../config/find-project.js';
import { buildFlags } from './flags.js';
import { runReporter } from './report-run.js';
import type { RunArguments } from './run-engine.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'The same as --select' })
    .options({
      ...buildFlags,
      'full-refresh': {
        type: 'boolean',
        default: false,
        describe: 'Read every source and build every model, also those that have not changed',
      },
    })
    .example('mdl build', 'load, build, test and publish everything')
    .example('mdl build --select +gold.vendas_por_mes', 'one model and all that it needs');

export async function handler(args: RunArguments): Promise<void> {
  const remember = takesEverything(args);
  if (remember && (await tellUnchanged(args))) return;
  const { runEngine } = await import('./run-engine.js');
  await runEngine('build', { load: true, models: true }, { ...args, remember });
}

/** A build as the configuration has it. */
function takesEverything({ select, exclude, models = [], ...args }: RunArguments): boolean {
  const isNarrowed = select.length + exclude.length + models.length > 0;
  const isForced =
    args.force || args.fullRefresh || args.dryRun || args.from !== undefined || args.to !== undefined;
  return !isNarrowed && !isForced && args.target === undefined && args.vars === undefined;
}

/** Where it is known that there is nothing to do: says so. */
async function tellUnchanged(args: RunArguments): Promise<boolean> {
  const { projectDir, configFile } = findProjectDir(args.projectDir);
  const held = heldOutput(process.stdout);
  const reporter = runReporter(args, held.stream);
  const isTold = await recallUnchanged(projectDir, configFile, reporter.emit);
  reporter.finish();
  if (isTold) held.release();
  return isTold;
}

/** A stream that looks like another, and holds what is written until it is released. */
function heldOutput(stream: NodeJS.WriteStream): { stream: NodeJS.WriteStream; release(): void } {
  const texts: string[] = [];
  const write = (text: string) => texts.push(text) > 0;
  return {
    stream: Object.create(stream, { write: { value: write } }) as NodeJS.WriteStream,
    release: () => stream.write(texts.join('')),
  };
}
