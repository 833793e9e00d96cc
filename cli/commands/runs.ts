import type { Argv } from 'yargs';
import { requestCancel } from '../build/cancel-run.js';
import { openDatabase, type ProjectDatabase } from '../build/open-database.js';
import { listRuns, readRun } from '../build/read-runs.js';
import { loadOptions } from '../config/load.js';
import type { Options } from '../config/options.js';
import { migrate } from '../database/migrations/index.js';
import { MedallionError, redact, redactedJson } from '../errors/index.js';
import { runLines, runListLines } from '../report/runs.js';
import { capabilities, makeStyle, tableWidth } from '../report/style.js';
import { withoutControls } from '../text/controls.js';
import { overridesOf, type ProjectArguments, projectFlags, requireLimit } from './flags.js';
import { type PruneArguments, prune, pruneFlags } from './runs-prune.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('action', {
      choices: ['list', 'show', 'cancel', 'retry', 'prune'] as const,
      default: 'list' as const,
      describe: 'list; show, cancel or take up again one run; prune: delete old ones',
    })
    .positional('id', { type: 'number', describe: 'The run; retry without it takes the latest' })
    .options({
      ...projectFlags,
      limit: { type: 'number', default: 20, describe: 'Runs to list, or failing rows of each test to show' },
      follow: {
        type: 'boolean',
        alias: 'f',
        default: false,
        describe: 'Show what runs tell, whoever carries them out: the one that goes on and those that come',
      },
      'no-wait': {
        type: 'boolean',
        default: false,
        describe: 'retry fails at once when another run is going on',
      },
      json: { type: 'boolean', default: false, describe: 'As JSON' },
      ...pruneFlags,
    })
    .example('mdl runs', 'the latest runs')
    .example('mdl runs show 42', 'what one run did, with the rows that failed its tests')
    .example('mdl runs --follow', 'what goes on now, and what comes, until Ctrl-C')
    .example('mdl runs retry', 'do what the latest run did not bring to its end')
    .example('mdl runs prune --keep-days 90 --dry-run', 'how many runs are older than that');

interface Arguments extends ProjectArguments, PruneArguments {
  readonly action: 'list' | 'show' | 'cancel' | 'retry' | 'prune';
  readonly id?: number;
  readonly limit: number;
  readonly follow: boolean;
  readonly noWait: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  if (['show', 'cancel'].includes(args.action) && !Number.isSafeInteger(args.id))
    throw new MedallionError('MDL1004', {
      message: `Name the run: mdl runs ${args.action} 42`,
      hint: 'List the runs with: npx mdl runs',
    });
  requireLimit(args.limit, 1);
  // The engine is imported by who needs it: to list runs takes no more than the database.
  if (args.action === 'retry') return (await import('./runs-retry.js')).retry(args);
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const database = await openDatabase(options);
  try {
    if (args.action === 'cancel') await cancel(args, options, database);
    else if (args.action === 'prune')
      process.stdout.write(
        `${await prune(database.connect({ max: 1, applicationName: 'mdl' }), options, args)}\n`,
      );
    else if (args.follow) await (await import('./runs-follow.js')).follow(args, options, database);
    else await show(args, options, database);
  } finally {
    await database.close();
  }
}

async function show(args: Arguments, options: Options, database: ProjectDatabase): Promise<void> {
  const sql = database.connect({ max: 1, applicationName: 'mdl' });
  const able = capabilities(process.stdout, process.env);
  const table = { width: tableWidth(process.stdout, able), style: makeStyle(able.color) };
  const print = (found: unknown, lines: () => readonly string[]) =>
    process.stdout.write(`${args.json ? redactedJson(found, 2) : redact(lines().join('\n'))}\n`);
  if (args.action === 'list') {
    const runs = await listRuns(sql, options.name, args.limit);
    print(runs, () => runListLines(runs, table));
  } else {
    const { run, nodes, loads } = await readRun(sql, options.name, args.id!, args.limit);
    print({ ...run, nodes, loads }, () => runLines(withoutControls({ run, nodes, loads }), table));
  }
}

async function cancel(args: Arguments, options: Options, database: ProjectDatabase): Promise<void> {
  const sql = database.connect({ max: 1, applicationName: 'mdl' });
  await migrate(sql);
  await requestCancel(sql, options.name, args.id!, 'by mdl runs cancel');
  process.stdout.write(
    args.json
      ? `${JSON.stringify({ cancelling: args.id })}\n`
      : `Run ${args.id} is asked to end. See it do so with: npx mdl runs show ${args.id} --follow\n`,
  );
}
