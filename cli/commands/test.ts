import type { Argv } from 'yargs';
import { isFailure } from '../build/audit.js';
import { openProject } from '../build/open-project.js';
import { testPublished } from '../build/test-published.js';
import { jsonLinesReporter } from '../report/json-lines.js';
import { capabilities } from '../report/style.js';
import { terminalReporter } from '../report/terminal.js';
import { overridesOf, type ProjectArguments, projectFlags, selectionFlags } from './flags.js';
import { interruptSignal } from './interrupt.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'The same as --select' })
    .options({
      ...projectFlags,
      ...selectionFlags,
      json: { type: 'boolean', default: false, describe: 'One event on each line, as JSON' },
    })
    .example('mdl test', 'run every data test against what is published')
    .example('mdl test silver.clientes', 'those of one model');

interface Arguments extends ProjectArguments {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly models?: readonly string[];
  readonly json: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
  const reporter = args.json
    ? jsonLinesReporter(process.stdout)
    : terminalReporter(process.stdout, capabilities(process.stdout, process.env));
  const interrupt = interruptSignal(() => {});
  const started = performance.now();
  try {
    const results = await testPublished(project, {
      select: [...args.select, ...(args.models ?? [])],
      exclude: args.exclude,
      emit: reporter.emit,
      signal: interrupt.signal,
    });
    const failed = results.filter(isFailure).length;
    const warned = results.filter(({ status }) => status === 'warned').length;
    if (!args.json)
      process.stdout.write(
        `\n${results.length - failed - warned} tests passed, ${warned} warned, ${failed} failed, in ${((performance.now() - started) / 1000).toFixed(1)} s.\n`,
      );
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    reporter.finish();
    interrupt.release();
  }
}
