import type { LoadRow, RunNodeRow, RunRow } from '../build/read-runs.js';
import { formatDuration, formatNumber } from '../text/format.js';
import { errorLines } from './error.js';
import { testLines } from './node-lines.js';
import { formatDay } from './summary.js';
import { formatTable, type TableColumn, type TableOptions } from './table.js';

const left = (name: string): TableColumn => ({ name, align: 'left' });
const right = (name: string): TableColumn => ({ name, align: 'right' });

function testCounts(passed: number, warned: number, failed: number): string {
  return `${passed} passed${warned > 0 ? `, ${warned} warned` : ''}${failed > 0 ? `, ${failed} failed` : ''}`;
}

function duration(run: RunRow): string {
  return run.finished_at ? formatDuration(run.finished_at.getTime() - run.started_at.getTime()) : '';
}

function beginning({ cause, retry_of }: RunRow): string {
  return retry_of === null ? cause : `${cause} of run ${retry_of}`;
}

/** The list of runs as a table. */
export function runListLines(runs: readonly RunRow[], table: TableOptions): string[] {
  if (runs.length === 0) return ['No runs yet. Begin with: npx mdl build'];
  const columns = [
    right('run'),
    left('when'),
    left('command'),
    left('began'),
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
    const tests = counts ? testCounts(counts.testsPassed, counts.testsWarned, counts.testsFailed) : '';
    const command = run.selection ? `${run.command} ${run.selection}` : run.command;
    return [
      String(run.run_id),
      formatDay(run.started_at),
      command,
      run.cause,
      run.status,
      duration(run),
      counts ? String(counts.models) : '',
      counts ? formatNumber(counts.rowsRead) : '',
      counts ? formatNumber(counts.rowsChanged) : '',
      tests,
      run.published_at ? 'yes' : 'no',
    ];
  });
  return [formatTable(columns, cells, table)];
}

/** One run: its nodes, its loads, and what failed, with the rows that were kept. */
export function runLines(
  { run, nodes, loads }: { run: RunRow; nodes: readonly RunNodeRow[]; loads: readonly LoadRow[] },
  options: TableOptions,
): string[] {
  const { style } = options;
  const head = [
    `${style.bold(`run ${run.run_id}`)}: mdl ${run.command}${run.selection ? ` ${run.selection}` : ''}, ${formatDay(run.started_at)}, ${beginning(run)}, ${run.status}${duration(run) ? ` after ${duration(run)}` : ''}, ${run.published_at ? 'published' : 'nothing published'}`,
    ...(run.trace_id === null ? [] : [`trace ${run.trace_id}`]),
  ];
  const built = formatTable(
    [left('node'), left('kind'), left('status'), right('time'), right('rows'), left('tests')],
    nodes.map((node) => {
      const count = (...statuses: string[]) =>
        node.tests.filter(({ status }) => statuses.includes(status)).length;
      return [
        node.node,
        node.materialized ?? node.kind,
        node.status,
        formatDuration(node.duration_ms),
        node.rows === null ? '' : formatNumber(node.rows),
        node.tests.length > 0 ? testCounts(count('passed'), count('warned'), count('failed', 'errored')) : '',
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
  const failures = nodes.flatMap((node) => {
    const tests = testLines(node.tests, { style, tableWidth: options.width });
    const lines = [...(node.error ? errorLines(node.error, style) : []), ...tests];
    return lines.length > 0 ? ['', `${node.node}:`, ...lines] : [];
  });
  return [
    ...head,
    '',
    ...(nodes.length > 0 ? [built] : []),
    ...(loads.length > 0 ? ['', loaded] : []),
    ...failures,
    ...(run.error ? ['', ...errorLines(run.error, style)] : []),
  ];
}
