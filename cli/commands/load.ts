import type { Argv } from 'yargs';
import { runFlags } from './flags.js';
import { type RunArguments, runEngine } from './run-engine.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'Bronze tables: the same as --select' })
    .options({
      ...runFlags,
      'full-refresh': {
        type: 'boolean',
        default: false,
        describe: 'Read every source, also those that have not changed',
      },
    })
    .example('mdl load', 'bring every source into bronze')
    .example('mdl load bronze.pedidos', 'one table');

export const handler = (args: RunArguments) => runEngine('load', { load: true, models: false }, args);
