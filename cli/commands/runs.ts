import type { Argv } from 'yargs';
import { openDatabase } from '../build/open-database.js';
import { listRuns, type RunRow, readRun } from '../build/read-runs.js';
import { loadOptions } from '../config/load.js';
import { MedallionError } from '../errors/index.js';
import { errorLines } from '../report/error.js';
import { formatDuration, formatNumber } from '../report/format.js';
import { capabilities, makeStyle } from '../report/style.js';
import { formatDay } from '../report/summary.js';
import { formatTable, type TableColumn } from '../report/table.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';

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
      limit: { type: 'number', default: 20, describe: 'Runs to list' },
      json: { type: 'boolean', default: false, describe: 'As JSON' },
    })
    .example('mdl runs', 'the latest runs')
    .example('mdl runs show 42', 'what one run did');

interface Arguments extends ProjectArguments {
  readonly action: 'list' | 'show';
  readonly id?: number;
  readonly limit: number;
  readonly json: boolean;
}

const left = (name: string): TableColumn => ({ name, align: 'left' });
const right = (name: string): TableColumn => ({ name, align: 'right' });

export async function handler(args: Arguments): Promise<void> {
  if (args.action === 'show' && !Number.isSafeInteger(args.id))
    throw new MedallionError('MDL1004', {
      message: 'Name the run: mdl runs show 42',
      hint: 'List the runs with: npx mdl runs',
    });
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const database = await openDatabase(options);
  try {
    const sql = database.connect({ max: 1, applicationName: 'mdl' });
    const lines =
      args.action === 'list'
        ? list(args, await listRuns(sql, options.name, args.limit))
        : show(args, await readRun(sql, options.name, args.id!));
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    await database.close();
  }
}

function tableOptions() {
  const able = capabilities(process.stdout, process.env);
  return { width: process.stdout.isTTY ? able.columns : 10_000, style: makeStyle(able.color) };
}

function duration(run: RunRow): string {
  return run.finished_at ? formatDuration(run.finished_at.getTime() - run.started_at.getTime()) : '';
}

function list(args: Arguments, runs: readonly RunRow[]): string[] {
  if (args.json) return [JSON.stringify(runs, null, 2)];
  if (runs.length === 0) return ['No runs yet. Begin with: npx mdl build'];
  const columns = [
    right('run'),
    left('when'),
    left('command'),
    left('status'),
    right('time'),
    right('models'),
    right('rows read'),
    right('changed'),
    left('tests'),
    left('published'),
  ];
  const cells = runs.map((run) => {
    const { counts } = run;
    const tests = counts
      ? `${counts.testsPassed} passed${counts.testsWarned > 0 ? `, ${counts.testsWarned} warned` : ''}${counts.testsFailed > 0 ? `, ${counts.testsFailed} failed` : ''}`
      : '';
    const command = run.selection ? `${run.command} ${run.selection}` : run.command;
    return [
      String(run.run_id),
      formatDay(run.started_at),
      command,
      run.status,
      duration(run),
      counts ? String(counts.models) : '',
      counts ? formatNumber(counts.rowsRead) : '',
      counts ? formatNumber(counts.rowsChanged) : '',
      tests,
      run.published_at ? 'yes' : 'no',
    ];
  });
  return [formatTable(columns, cells, tableOptions())];
}

function show(args: Arguments, { run, nodes, loads }: Awaited<ReturnType<typeof readRun>>): string[] {
  if (args.json) return [JSON.stringify({ ...run, nodes, loads }, null, 2)];
  const options = tableOptions();
  const { style } = options;
  const head = [
    `${style.bold(`run ${run.run_id}`)}: mdl ${run.command}${run.selection ? ` ${run.selection}` : ''}, ${formatDay(run.started_at)}, ${run.status}${duration(run) ? ` after ${duration(run)}` : ''}, ${run.published_at ? 'published' : 'nothing published'}`,
  ];
  const table = formatTable(
    [left('node'), left('kind'), left('status'), right('time'), right('rows'), left('tests')],
    nodes.map((node) => {
      const failed = node.tests.filter(({ status }) => status === 'failed' || status === 'errored').length;
      const tests =
        node.tests.length > 0
          ? `${node.tests.length - failed} passed${failed > 0 ? `, ${failed} failed` : ''}`
          : '';
      return [
        node.node,
        node.materialized ?? node.kind,
        node.status,
        formatDuration(node.duration_ms),
        node.rows === null ? '' : formatNumber(node.rows),
        tests,
      ];
    }),
    options,
  );
  const loaded = formatTable(
    [
      left('bronze'),
      left('from'),
      left('strategy'),
      left('status'),
      right('read'),
      right('inserted'),
      right('updated'),
      right('unchanged'),
      right('rejected'),
    ],
    loads.map((load) => [
      load.bronze_table,
      load.source,
      load.strategy,
      load.status,
      ...[load.read, load.inserted, load.updated, load.unchanged, load.rejected].map(formatNumber),
    ]),
    options,
  );
  const failures = nodes.flatMap((node) => [
    ...(node.error ? ['', `${node.node}:`, ...errorLines(node.error, style)] : []),
    ...node.tests
      .filter(({ status }) => status === 'failed' || status === 'errored')
      .map(
        (test) => `${style.red('FAIL')} ${node.node}: ${test.title}: ${formatNumber(test.failures)} failures`,
      ),
  ]);
  return [
    ...head,
    '',
    ...(nodes.length > 0 ? [table] : []),
    ...(loads.length > 0 ? ['', loaded] : []),
    ...failures,
    ...(run.error ? ['', ...errorLines(run.error, style)] : []),
  ];
}
