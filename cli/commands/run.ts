import type { Argv } from 'yargs';
import { buildFlags } from './flags.js';
import { type RunArguments, runEngine } from './run-engine.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'The same as --select' })
    .options(buildFlags)
    .example('mdl run', 'build, test and publish the models on the bronze that is there')
    .example('mdl run gold.*', 'the gold layer only');

export const handler = (args: RunArguments) => runEngine('run', { load: false, models: true }, args);
