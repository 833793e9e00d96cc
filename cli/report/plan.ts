import type { PlannedColumn, PlannedModel, PlannedReach, SchemaWords } from '../events/planned.js';
import { onOneLine } from '../text/controls.js';
import { displayWidth, formatNumber, plural, truncate } from '../text/format.js';
import type { Style } from './style.js';
import { formatTable, type TableOptions } from './table.js';

/** What a plan would do, and what would be in its way. */
export interface ShownPlan {
  readonly runId: number;
  readonly models: readonly PlannedModel[];
  readonly refusals: readonly string[];
}

/** A command as people can paste it, with the flags that name project and target. */
export type CommandFor = (...words: readonly string[]) => string;

export const plainCommand: CommandFor = (...words) => ['npx', 'mdl', ...words].join(' ');

/** The commands that lead on from a plan. */
export function afterPlan(command: CommandFor = plainCommand): string {
  return `Let it be seen: ${command('publish')}; drop it: ${command('plan', '--discard')}`;
}

/** A value in the terminal is a sample to recognise, not a text to read. */
const widestValue = 40;
/** Names of one list, and columns of one model; the rest is counted. */
const mostNamed = 6;
const mostColumns = 8;

/** What publishing a plan would change, for people. */
export function planLines({ runId, models, refusals }: ShownPlan, table: TableOptions): string[] {
  const { style } = table;
  return [
    '',
    `${style.bold(`Plan of run ${runId}`)}: ${plural(models.length, 'model')} would change. Nothing is published yet.`,
    ...models.flatMap((model) => ['', ...modelLines(model, howOf(model), table).map((line) => `  ${line}`)]),
    ...(refusals.length > 0
      ? [
          '',
          style.red(style.bold('Publishing it would fail now:')),
          ...refusals.flatMap((text) => wrapped(text, '  ', table)),
        ]
      : []),
  ];
}

function howOf({ isNew, how, why, materialized }: PlannedModel): string {
  const text = isNew ? 'new' : how === 'same' ? why : `by ${how}, ${why}`;
  return materialized === 'view' ? `view, ${text}` : text;
}

/** What the two sides of a change are called. */
export interface ChangeLabels {
  readonly before: string;
  readonly after: string;
}

/** A model of which readers see something else before and after. */
export type ChangedModel = Omit<PlannedModel, 'how' | 'why' | 'reaches' | 'materialized'> & {
  readonly reaches?: PlannedReach;
};

/** How a model changes, for people. @param how in few words, beside its name */
export function modelLines(
  model: ChangedModel,
  how: string,
  table: TableOptions,
  labels: ChangeLabels = { before: 'before', after: 'after' },
): string[] {
  const { style } = table;
  const inner = { ...table, width: table.width - 4 };
  const left = model.columns.length - mostColumns;
  return [
    `${style.bold(onOneLine(model.node))}   ${style.dim(how)}`,
    ...[
      ...model.schema.map((change) => schemaLine(change, style)),
      ...rowsLines(model, style),
      ...model.columns.slice(0, mostColumns).flatMap((column) => columnLines(model, column, labels, inner)),
      ...(left > 0 ? [style.dim(`and ${plural(left, 'column')} more`)] : []),
      ...(model.reaches ? reachLines(model.reaches, inner) : []),
    ].map((line) => `  ${line}`),
  ];
}

function paint(sign: SchemaWords['sign'], { green, red, yellow }: Style): (text: string) => string {
  return { '+': green, '-': red, '~': yellow }[sign];
}

function schemaLine({ sign, what }: SchemaWords, style: Style): string {
  return paint(sign, style)(`${sign} ${onOneLine(what)}`);
}

/** `+2 ~1 -3 rows, 1,204 before, 1,203 after`. */
function rowsLines({ rows, isNew, uncompared }: ChangedModel, style: Style): string[] {
  if (uncompared !== undefined) return [style.yellow(`rows could not be compared: ${onOneLine(uncompared)}`)];
  if (!rows) return [];
  if (isNew) return [style.green(plural(rows.after, 'row'))];
  const counted = (
    [
      ['+', rows.added, 'added'],
      ['~', rows.changed ?? 0, 'changed'],
      ['-', rows.removed, 'removed'],
    ] as const
  ).filter(([, count]) => count > 0);
  if (counted.length === 0) return [style.dim(`the same ${plural(rows.after, 'row')}`)];
  const parts = counted.map(([sign, count, what]) =>
    paint(sign, style)(`${sign} ${formatNumber(count)} ${what}`),
  );
  const total =
    rows.before === rows.after
      ? `of ${plural(rows.after, 'row')}`
      : `${formatNumber(rows.before)} rows become ${formatNumber(rows.after)}`;
  const unknown = rows.changed === null ? '; without a key a changed row is both' : '';
  return [`${parts.join('  ')}   ${style.dim(`${total}${unknown}`)}`];
}

function columnLines(
  { key }: ChangedModel,
  { name, rows, samples }: PlannedColumn,
  { before, after }: ChangeLabels,
  table: TableOptions,
): string[] {
  const head = `${onOneLine(name)} differs in ${plural(rows, 'row')}`;
  if (samples.length === 0) return [head];
  const more = rows > samples.length ? table.style.dim(', such as') : '';
  const columns = [...(key ?? []), before, after].map((column) => ({
    name: column,
    align: 'left' as const,
  }));
  const cells = samples.map((sample) => [...sample.key, sample.before, sample.after].map(cut));
  const lines = formatTable(columns, cells, { ...table, width: table.width - 2 }).split('\n');
  return [`${head}${more}`, ...lines.map((line) => `  ${line}`)];
}

function cut(value: string | null): string | null {
  return value === null ? null : truncate(onOneLine(value.slice(0, 4 * widestValue)), widestValue);
}

function reachLines({ models, dashboards, api, others }: PlannedReach, table: TableOptions): string[] {
  const { style } = table;
  const below = [
    ...(models.length > 0 ? [listed(models)] : []),
    ...(dashboards.length > 0
      ? [`${dashboards.length === 1 ? 'dashboard' : 'dashboards'} ${listed(dashboards)}`]
      : []),
    ...(api === null ? [] : [`API ${onOneLine(api)}`]),
  ];
  return [
    ...(below.length > 0 ? wrapped(`reaches ${below.join('; ')}`, '', table).map(style.dim) : []),
    ...(others.length > 0 ? wrapped(`binds again ${listed(others)}`, '', table).map(style.dim) : []),
  ];
}

function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  const shown = names.slice(0, mostNamed).map(onOneLine).join(', ');
  return more > 0 ? `${shown} and ${formatNumber(more)} more` : shown;
}

/** A sentence in lines of the terminal's width; what hangs over is indented. */
function wrapped(text: string, indent: string, { width }: TableOptions): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && displayWidth(line) + 1 + displayWidth(word) > width - 2) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else line = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}
