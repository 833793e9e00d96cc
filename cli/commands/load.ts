import type { Argv } from 'yargs';
import { openProject } from '../build/open-project.js';
import { previewLoads } from '../build/preview-loads.js';
import { MedallionError, redact, redactedJson } from '../errors/index.js';
import { capabilities, makeStyle } from '../report/style.js';
import { formatTable } from '../report/table.js';
import { formatNumber } from '../text/format.js';
import { overridesOf, runFlags } from './flags.js';
import { interruptSignal } from './interrupt.js';
import { type RunArguments, runEngine } from './run-engine.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'Bronze tables: the same as --select' })
    .options({
      ...runFlags,
      table: {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'Bronze tables by their own names',
      },
      'full-refresh': {
        type: 'boolean',
        alias: 'full',
        default: false,
        describe: 'Read all of every source, also of those that have not changed',
      },
      since: { type: 'string', describe: "Read from this value of each table's cursor on" },
      limit: { type: 'number', describe: 'Read so many rows of each table at most' },
    })
    .example('mdl load', 'bring every source into bronze')
    .example('mdl load --table pedidos --since 2026-01-01', 'one table, from a value of its cursor on')
    .example('mdl load --dry-run', 'what would be read');

interface Arguments extends RunArguments {
  readonly table: readonly string[];
}

export async function handler(args: Arguments): Promise<void> {
  if (args.limit !== undefined && !(Number.isInteger(args.limit) && args.limit > 0))
    throw new MedallionError('MDL1004', { message: '--limit takes a whole number of rows, from 1.' });
  const select = [...args.select, ...args.table.map((name) => `bronze.${name.replace(/^bronze\./, '')}`)];
  if (args.dryRun) await preview({ ...args, select });
  else await runEngine('load', { load: true, models: false }, { ...args, select });
}

async function preview(args: Arguments): Promise<void> {
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
  const interrupt = interruptSignal(() => {});
  try {
    const found = await previewLoads(project, {
      select: [...args.select, ...(args.models ?? [])],
      exclude: args.exclude,
      request: { full: args.fullRefresh ?? false, since: args.since, limit: args.limit },
      signal: interrupt.signal,
    });
    if (args.json) {
      process.stdout.write(found.map((table) => `${redactedJson(table)}\n`).join(''));
      return;
    }
    const able = capabilities(process.stdout, process.env);
    const left = (name: string) => ({ name, align: 'left' as const });
    const table = formatTable(
      [left('bronze'), left('from'), left('strategy'), { name: 'rows', align: 'right' }, left('would read')],
      found.map((load) => [
        load.node,
        load.origin,
        load.strategy,
        load.rows === undefined ? '' : formatNumber(load.rows),
        wouldRead(load),
      ]),
      { width: process.stdout.isTTY ? able.columns : 10_000, style: makeStyle(able.color) },
    );
    process.stdout.write(`${redact(table)}\nNothing was done: --dry-run.\n`);
  } finally {
    interrupt.release();
  }
}

function wouldRead(load: Awaited<ReturnType<typeof previewLoads>>[number]): string {
  if (load.isUnchanged) return 'nothing: it has not changed';
  const rows = load.limit === undefined ? 'all rows' : `${formatNumber(load.limit)} rows at most`;
  return load.since ? `${rows} with ${load.since.column} from ${load.since.value} on` : rows;
}
