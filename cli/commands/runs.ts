import type { Argv } from 'yargs';
import { openDatabase } from '../build/open-database.js';
import { listRuns, readRun } from '../build/read-runs.js';
import { loadOptions } from '../config/load.js';
import { MedallionError } from '../errors/index.js';
import { withoutControls } from '../report/controls.js';
import { redact } from '../report/redact.js';
import { runLines, runListLines } from '../report/runs.js';
import { capabilities, makeStyle, tableWidth } from '../report/style.js';
import { overridesOf, type ProjectArguments, projectFlags, requireLimit } from './flags.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('action', {
      choices: ['list', 'show'] as const,
      default: 'list' as const,
      describe: 'list, or show one run',
    })
    .positional('id', { type: 'number', describe: 'The run to show' })
    .options({
      ...projectFlags,
      limit: { type: 'number', default: 20, describe: 'Runs to list, or failing rows of each test to show' },
      json: { type: 'boolean', default: false, describe: 'As JSON' },
    })
    .example('mdl runs', 'the latest runs')
    .example('mdl runs show 42', 'what one run did, with the rows that failed its tests');

interface Arguments extends ProjectArguments {
  readonly action: 'list' | 'show';
  readonly id?: number;
  readonly limit: number;
  readonly json: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  if (args.action === 'show' && !Number.isSafeInteger(args.id))
    throw new MedallionError('MDL1004', {
      message: 'Name the run: mdl runs show 42',
      hint: 'List the runs with: npx mdl runs',
    });
  requireLimit(args.limit, 1);
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const database = await openDatabase(options);
  try {
    const sql = database.connect({ max: 1, applicationName: 'mdl' });
    const able = capabilities(process.stdout, process.env);
    const table = { width: tableWidth(process.stdout, able), style: makeStyle(able.color) };
    const print = (found: unknown, lines: () => readonly string[]) =>
      process.stdout.write(`${args.json ? JSON.stringify(found, null, 2) : redact(lines().join('\n'))}\n`);
    if (args.action === 'list') {
      const runs = await listRuns(sql, options.name, args.limit);
      print(runs, () => runListLines(runs, table));
    } else {
      const { run, nodes, loads } = await readRun(sql, options.name, args.id!, args.limit);
      print({ ...run, nodes, loads }, () => runLines(withoutControls({ run, nodes, loads }), table));
    }
  } finally {
    await database.close();
  }
}
