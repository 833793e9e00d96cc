import type { Argv } from 'yargs';
import { buildFlags } from './flags.js';
import { type RunArguments, runEngine } from './run-engine.js';

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

export const handler = (args: RunArguments) => runEngine('build', { load: true, models: true }, args);
