import type { RunOptions, RunOutcome } from '../build/build.js';
import { errorCodes } from '../errors/index.js';
import { jsonLinesReporter } from '../report/json-lines.js';
import { capabilities } from '../report/style.js';
import { type TerminalReporter, terminalReporter } from '../report/terminal.js';
import { commandLine, projectWords, sameCommand } from './command-line.js';
import type { ProjectArguments } from './flags.js';
import { interruptSignal } from './interrupt.js';

/** Shows a run, interrupts it at Ctrl-C and sets the exit code that belongs to what becomes of it. */
export async function reportRun(
  args: ProjectArguments & { readonly json: boolean },
  carryOut: (reporting: Required<Pick<RunOptions, 'emit' | 'signal'>>) => Promise<RunOutcome>,
): Promise<void> {
  const reporter = runReporter(args);
  const interrupt = interruptSignal(() =>
    reporter.say('Interrupting: running statements are cancelled. Press Ctrl-C again to leave at once.'),
  );
  try {
    const { status, error } = await carryOut({ emit: reporter.emit, signal: interrupt.signal });
    process.exitCode = exitCodeOf(status, error && errorCodes[error.code].exit);
  } finally {
    reporter.finish();
    interrupt.release();
  }
}

/** How a run is shown: as JSON lines, or for people. */
export function runReporter(
  args: ProjectArguments & { readonly json: boolean },
  stream = process.stdout as NodeJS.WriteStream,
): TerminalReporter {
  return args.json
    ? jsonLinesReporter(stream)
    : terminalReporter(stream, capabilities(stream, process.env), {
        keepRows: sameCommand('--store-failures'),
        showRun: (runId) => commandLine('runs', 'show', String(runId), ...projectWords(args)),
        command: (...words) => commandLine(...words, ...projectWords(args)),
      });
}

/** @param errorExit of the error that ended it, if one did */
export function exitCodeOf(status: RunOutcome['status'], errorExit: number | undefined): number {
  return status === 'succeeded' ? 0 : status === 'interrupted' ? 130 : (errorExit ?? 1);
}
