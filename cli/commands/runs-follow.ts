import { followRuns } from '../build/follow-runs.js';
import type { ProjectDatabase } from '../build/open-database.js';
import { readRun } from '../build/read-runs.js';
import type { Options } from '../config/options.js';
import { errorCodes } from '../errors/index.js';
import type { ProjectArguments } from './flags.js';
import { interruptSignal } from './interrupt.js';
import { exitCodeOf, runReporter } from './report-run.js';

export interface FollowArguments extends ProjectArguments {
  readonly id?: number | undefined;
  readonly json: boolean;
}

/** As if the run were one's own; a run that is named gives its exit code. */
export async function follow(
  args: FollowArguments,
  options: Options,
  database: ProjectDatabase,
): Promise<void> {
  const sql = database.connect({ max: 1, applicationName: 'mdl' });
  // One that there is not is told at once.
  if (args.id !== undefined) await readRun(sql, options.name, args.id, 1);
  const interrupt = interruptSignal(() => {});
  let reporter = runReporter(args);
  if (!args.json && args.id === undefined)
    reporter.say('Waiting for what runs tell. Ctrl-C ends this, not them.');
  try {
    for await (const told of followRuns(sql, options.name, { runId: args.id, signal: interrupt.signal })) {
      if ('crashed' in told) reporter.say(`Run ${told.runId} ended without a word: its process is gone.`);
      else {
        if (told.event.event === 'run.started' && !args.json)
          reporter.say(`Run ${told.runId}: mdl ${told.event.command}`);
        reporter.emit(told.event);
      }
      const isOver = 'crashed' in told || told.event.event === 'run.finished';
      if (!isOver) continue;
      reporter.finish();
      reporter = runReporter(args);
      if (args.id === undefined) continue;
      const last = 'crashed' in told ? undefined : told.event;
      process.exitCode =
        last?.event === 'run.finished'
          ? exitCodeOf(last.status, last.error && errorCodes[last.error.code].exit)
          : 1;
    }
  } finally {
    reporter.finish();
    interrupt.release();
  }
}
