import { formatWhere } from '../errors/index.js';
import type { Event, FailingRows, Publishing, TestResult } from '../events/events.js';
import { formatDuration, formatNumber, padEnd, padStart, plural } from '../text/format.js';
import { errorLines } from './error.js';
import type { Style } from './style.js';
import { alignColumn, formatTable } from './table.js';

type Of<Name extends Event['event']> = Extract<Event, { event: Name }>;

export interface LineContext {
  readonly style: Style;
  /** Width of the longest node name. */
  readonly nameWidth: number;
  /** How wide tables may be. */
  readonly tableWidth: number;
}

function row(
  context: LineContext,
  verb: string,
  name: string,
  rows: string,
  what: string,
  time: string,
  rest: string,
): string {
  // A long word takes of the room before the time.
  const whatAndTime = what + padStart(time, Math.max(time.length + 1, 18 - what.length));
  return `  ${verb} ${padEnd(name, context.nameWidth)} ${padStart(rows, 15)}   ${whatAndTime}   ${rest}`.trimEnd();
}

/** A finished load in lines. */
export function loadLines(event: Of<'load.finished'>, context: LineContext): string[] {
  const { style } = context;
  if (event.status === 'failed' || event.status === 'interrupted') {
    const verb = event.status === 'failed' ? style.red('FAIL   ') : style.yellow('stopped');
    return [
      row(context, verb, event.node, '', '', formatDuration(event.durationMs), ''),
      ...(event.error ? errorLines(event.error, style).map((line) => `    ${line}`) : []),
    ];
  }
  const parts = [
    ...(event.inserted > 0 ? [`+${formatNumber(event.inserted)} new`] : []),
    ...(event.updated > 0 ? [`${formatNumber(event.updated)} updated`] : []),
    ...(event.deleted ? [`${formatNumber(event.deleted)} gone from the source`] : []),
    ...(event.unchanged > 0
      ? [
          event.status === 'unchanged' || event.inserted + event.updated === 0
            ? 'unchanged'
            : `${formatNumber(event.unchanged)} unchanged`,
        ]
      : []),
    ...(event.rejected > 0 ? [style.yellow(`${formatNumber(event.rejected)} rejected`)] : []),
  ];
  return [
    row(
      context,
      style.green('load   '),
      event.node,
      plural(event.read, 'row'),
      event.batches === 0 ? '' : plural(event.batches, 'batch', 'batches'),
      formatDuration(event.durationMs),
      parts.join(', '),
    ),
  ];
}

/** A finished model in lines: with its failing tests and its error. */
export function modelLines(event: Of<'model.finished'>, context: LineContext): string[] {
  const { style } = context;
  const verb = {
    succeeded: event.publishing?.how === 'same' ? style.dim('same   ') : style.green('build  '),
    unchanged: style.dim('same   '),
    failed: style.red('FAIL   '),
    skipped: style.dim('skip   '),
    interrupted: style.yellow('stopped'),
  }[event.status];
  const rows = event.rows === undefined ? '' : plural(event.rows, 'row');
  return [
    row(
      context,
      verb,
      event.node,
      rows,
      event.materialized,
      formatDuration(event.durationMs),
      [testSummary(event.tests, style), style.dim(whyAndWhat(event))]
        .filter((part) => part !== '')
        .join('   '),
    ),
    ...testLines(event.tests, context),
    ...(event.error && event.status !== 'interrupted'
      ? errorLines(event.error, style).map((line) => `    ${line}`)
      : []),
  ];
}

/** `bronze.pedidos has 2 new rows: +2 rows`: why it was built, and what comes of it. A first build has no story. */
function whyAndWhat({ reason, publishing, materialized, filled = [] }: Of<'model.finished'>): string {
  const known = reason === undefined || reason === 'never built' ? undefined : reason;
  const differences = publishing && materialized !== 'view' ? differenceOf(publishing) : undefined;
  const what = [differences, ...(filled.length > 0 ? [filledIntervals(filled)] : [])]
    .filter((part) => part !== undefined)
    .join(', ');
  return known && what !== '' ? `${known}: ${what}` : (known ?? what);
}

/** `2024-01-30 to 2024-02-02`: without the time where all are days. */
function filledIntervals(filled: readonly { readonly from: string; readonly to: string }[]): string {
  const short = (time: string) => time.replace(/:00$/, '').replace(/[+-]00:00$/, '');
  const isDays = filled.every(({ from, to }) => [from, to].every((time) => time.includes(' 00:00:00')));
  const shown = (time: string) => (isDays ? time.slice(0, time.indexOf(' ')) : short(time));
  return filled.map(({ from, to }) => `${shown(from)} to ${shown(to)}`).join(', ');
}

/** `+2 ~1 -3 rows`; undefined where rows were not compared. */
function differenceOf({ how, inserted = 0, updated = 0, deleted = 0 }: Publishing): string | undefined {
  if (how === 'same') return 'same rows';
  const parts = [
    ...(inserted > 0 ? [`+${formatNumber(inserted)}`] : []),
    ...(updated > 0 ? [`~${formatNumber(updated)}`] : []),
    ...(deleted > 0 ? [`-${formatNumber(deleted)}`] : []),
  ];
  return parts.length > 0
    ? `${parts.join(' ')} ${inserted + updated + deleted === 1 ? 'row' : 'rows'}`
    : undefined;
}

/** A finished hook in lines. */
export function hookLines(event: Of<'hook.finished'>, context: LineContext): string[] {
  const { style } = context;
  const verb = {
    succeeded: style.green('hook   '),
    failed: style.red('FAIL   '),
    interrupted: style.yellow('stopped'),
  }[event.status];
  // Without a name of its own it is called by its moment.
  const moment = event.hook.startsWith(event.moment) ? '' : event.moment;
  return [
    row(context, verb, event.hook, '', moment, formatDuration(event.durationMs), ''),
    ...(event.error && event.status === 'failed'
      ? errorLines(event.error, style).map((line) => `    ${line}`)
      : []),
  ];
}

/** Tests that stand by themselves, in lines. */
export function testNodeLines(event: Of<'test.finished'>, context: LineContext): string[] {
  const { style } = context;
  const failed = event.results.some(({ status }) => status === 'failed' || status === 'errored');
  return [
    row(
      context,
      failed ? style.red('FAIL   ') : style.green('test   '),
      event.node,
      '',
      '',
      formatDuration(event.durationMs),
      testSummary(event.results, style),
    ),
    ...testLines(event.results, context),
  ];
}

/** `9 tests passed, 1 warned (between 0 and 120 (idade): 12)`. */
function testSummary(results: readonly TestResult[], style: Style): string {
  if (results.length === 0) return '';
  const of = (...statuses: string[]) => results.filter(({ status }) => statuses.includes(status));
  const [passed, warned, failed] = [of('passed'), of('warned'), of('failed', 'errored')];
  return [
    ...(passed.length > 0 ? [`${plural(passed.length, 'test')} passed`] : []),
    ...(warned.length > 0
      ? [
          style.yellow(
            `${passed.length === 0 ? plural(warned.length, 'test') : warned.length} warned (${warned.map((result) => `${result.title}: ${formatNumber(result.failures)}`).join('; ')})`,
          ),
        ]
      : []),
    ...(failed.length > 0 ? [style.red(`${plural(failed.length, 'test')} failed`)] : []),
  ].join(', ');
}

/** Failing tests with their first rows; those that warn too, where their rows were asked for. */
export function testLines(
  results: readonly TestResult[],
  context: Pick<LineContext, 'style' | 'tableWidth'>,
): string[] {
  const { style } = context;
  return results.flatMap((result) => {
    if (result.status === 'errored') return errorLines(result.error!, style).map((line) => `    ${line}`);
    if (result.status !== 'failed' && !result.rows) return [];
    const verb = result.status === 'failed' ? style.red('FAIL') : style.yellow('WARN');
    const place = result.where ? `   ${style.cyan(formatWhere(result.where))}` : '';
    const code = result.status === 'failed' ? `   ${style.dim('MDL4101')}` : '';
    return [
      `    ${verb} ${result.title}: ${plural(result.failures, 'failure')}${place}${code}`,
      ...(result.rows
        ? failingRowsLines(result.rows, result.failures, context)
        : result.samples.map((sample) => `      ${style.dim(sampleText(sample))}`)),
    ];
  });
}

function failingRowsLines(
  rows: FailingRows,
  failures: number,
  { style, tableWidth }: Pick<LineContext, 'style' | 'tableWidth'>,
): string[] {
  const shown = rows.rows.length;
  const table = formatTable(rows.columns.map(alignColumn), rows.rows, { width: tableWidth - 6, style });
  const rest =
    shown < rows.available
      ? `the first ${formatNumber(shown)} of ${formatNumber(failures)}; more with --limit`
      : shown < failures
        ? `the first ${formatNumber(shown)} of ${formatNumber(failures)}: the run kept no more`
        : undefined;
  const lines = rows.columns.length > 0 ? table.split('\n') : [];
  return [...lines, ...(rest ? [style.dim(rest)] : [])].map((line) => `      ${line}`);
}

function sampleText(sample: Readonly<Record<string, string | null>>): string {
  const { rows, ...columns } = sample;
  const repeated =
    rows !== undefined && rows !== null && Object.keys(columns).length > 0
      ? ` (${plural(Number(rows), 'row')})`
      : undefined;
  const shown = repeated === undefined ? sample : columns;
  return (
    Object.entries(shown)
      .map(([name, value]) => `${name} = ${(value ?? 'null').replaceAll('\n', '⏎')}`)
      .join(', ') + (repeated ?? '')
  );
}
