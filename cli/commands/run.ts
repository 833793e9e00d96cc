import type { Argv } from 'yargs';
import { runFlags } from './flags.js';
import { type RunArguments, runEngine } from './run-engine.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'The same as --select' })
    .options({
      ...runFlags,
      publish: {
        choices: ['all', 'passing'] as const,
        default: 'all' as const,
        describe: 'passing: publish what passed, although something else failed',
      },
      'store-failures': {
        type: 'boolean',
        default: false,
        describe: 'Keep failing rows in medallion.test_failures',
      },
    })
    .example('mdl run', 'build, test and publish the models on the bronze that is there')
    .example('mdl run gold.*', 'the gold layer only');

export const handler = (args: RunArguments) => runEngine('run', { load: false, models: true }, args);
