import type { Argv } from 'yargs';
import { openProject } from '../build/open-project.js';
import { testPublished } from '../build/test-published.js';
import { countEvents } from '../events/counts.js';
import type { Event } from '../events/events.js';
import { jsonLinesReporter } from '../report/json-lines.js';
import { capabilities, makeStyle } from '../report/style.js';
import { terminalReporter } from '../report/terminal.js';
import { plural } from '../text/format.js';
import { sameCommand } from './command-line.js';
import { overridesOf, type ProjectArguments, projectFlags, requireLimit, selectionFlags } from './flags.js';
import { interruptSignal } from './interrupt.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'The same as --select' })
    .options({
      ...projectFlags,
      ...selectionFlags,
      show: { type: 'boolean', default: false, describe: 'Print the rows that fail or warn' },
      limit: { type: 'number', default: 20, describe: 'With --show: rows of each test at most' },
      json: { type: 'boolean', default: false, describe: 'One event on each line, as JSON' },
    })
    .example('mdl test', 'run every data test against what is published')
    .example('mdl test silver.clientes --show', 'those of one model, with the rows that fail');

interface Arguments extends ProjectArguments {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly models?: readonly string[];
  readonly show: boolean;
  readonly limit: number;
  readonly json: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  requireLimit(args.limit, 1);
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
  const able = capabilities(process.stdout, process.env);
  const style = makeStyle(able.color);
  const reporter = args.json ? jsonLinesReporter(process.stdout) : terminalReporter(process.stdout, able);
  const interrupt = interruptSignal(() => {});
  const started = performance.now();
  const tally = countEvents();
  const emit = (event: Event) => {
    tally.read(event);
    reporter.emit(event);
  };
  try {
    const results = await testPublished(project, {
      select: [...args.select, ...(args.models ?? [])],
      exclude: args.exclude,
      showRows: args.show ? args.limit : undefined,
      emit,
      signal: interrupt.signal,
    });
    const { testsPassed, testsWarned, testsFailed } = tally.counts();
    const status = testsFailed > 0 ? 'failed' : 'succeeded';
    const durationMs = performance.now() - started;
    if (args.json) {
      reporter.emit({ event: 'run.finished', runId: null, status, counts: tally.counts(), durationMs });
    } else {
      process.stdout.write(
        `\n${plural(testsPassed, 'test')} passed, ${testsWarned} warned, ${testsFailed} failed, in ${(durationMs / 1000).toFixed(1)} s.\n`,
      );
      if (!args.show && results.some(({ status, samples }) => status !== 'passed' && samples.length > 0))
        process.stdout.write(`${style.dim(`See the rows: ${sameCommand('--show')}`)}\n`);
    }
    process.exitCode = status === 'failed' ? 1 : 0;
  } finally {
    reporter.finish();
    interrupt.release();
  }
}
