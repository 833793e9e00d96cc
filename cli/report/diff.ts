import type { ColumnDiff, RelationDiff, SchemaChange, TextValue } from '../build/diff/index.js';
import { onOneLine } from '../text/controls.js';
import { formatNumber, plural, truncate } from '../text/format.js';
import { formatTable, type TableOptions } from './table.js';

/** What the two sides are called: names of models, or `published` and `staged`. */
export interface DiffLabels {
  readonly a: string;
  readonly b: string;
}

/** A value in the terminal is a sample to recognise, not a text to read. */
const widestValue = 60;

/** How two relations differ, for people: shape, rows, and what is different in which column. */
export function diffLines(diff: RelationDiff, labels: DiffLabels, table: TableOptions): string[] {
  const { style } = table;
  const names = { a: onOneLine(labels.a), b: onOneLine(labels.b) };
  const by = diff.key === null ? 'whole rows, as no key is known' : `by ${onOneLine(diff.key.join(', '))}`;
  return [
    `${style.bold(names.a)} and ${style.bold(names.b)}, ${by}`,
    ...diff.schema.map((change) => `  ${schemaLine(change, table)}`),
    ...rowLines(diff, names, table),
    ...diff.columns.flatMap((column) => columnLines(diff, column, names, table)),
    ...(diff.isEqual ? [style.green('  They are equal.')] : []),
  ];
}

function schemaLine(change: SchemaChange, { style }: TableOptions): string {
  const list = (columns: readonly string[]) => columns.map(onOneLine).join(', ');
  switch (change.change) {
    case 'kind':
      return style.yellow(`~ a ${change.a} became a ${change.b}`);
    case 'column_added':
      return style.green(`+ column ${onOneLine(change.column)} ${change.type}`);
    case 'column_removed':
      return style.red(`- column ${onOneLine(change.column)} ${change.type}`);
    case 'type':
      return style.yellow(`~ column ${onOneLine(change.column)}: ${change.a} became ${change.b}`);
    case 'not_null':
      return style.yellow(
        `~ column ${onOneLine(change.column)} ${change.b ? 'may no longer be null' : 'may be null now'}`,
      );
    case 'primary_key':
      if (change.a.length === 0) return style.green(`+ primary key (${list(change.b)})`);
      if (change.b.length === 0) return style.red(`- primary key (${list(change.a)})`);
      return style.yellow(`~ primary key (${list(change.a)}) became (${list(change.b)})`);
    case 'unique_added':
      return style.green(`+ unique (${list(change.columns)})`);
    case 'unique_removed':
      return style.red(`- unique (${list(change.columns)})`);
  }
}

function rowLines(
  { rows, key, onlyA, onlyB }: RelationDiff,
  names: DiffLabels,
  table: TableOptions,
): string[] {
  const all = Math.max(rows.equal + rows.changed + rows.onlyA + rows.onlyB, 1);
  const part = (count: number, what: string, keys: readonly (readonly TextValue[])[] = []) =>
    count === 0
      ? []
      : [
          `  ${formatNumber(count).padStart(11)} ${what} ${table.style.dim(`(${formatShare(count / all)})${keySample(keys, count)}`)}`.trimEnd(),
        ];
  return [
    `  ${plural(rows.a, 'row')} in ${names.a}, ${formatNumber(rows.b)} in ${names.b}`,
    ...part(rows.equal, 'equal'),
    ...(key === null ? [] : part(rows.changed, 'changed')),
    ...part(rows.onlyA, `only in ${names.a}`, onlyA),
    ...part(rows.onlyB, `only in ${names.b}`, onlyB),
  ];
}

function keySample(keys: readonly (readonly TextValue[])[], count: number): string {
  if (keys.length === 0) return '';
  return `: ${keys.map((key) => key.map(shown).join(' ')).join(', ')}${count > keys.length ? ', ...' : ''}`;
}

function columnLines(
  { key }: RelationDiff,
  { name, rows, share, samples }: ColumnDiff,
  names: DiffLabels,
  table: TableOptions,
): string[] {
  const head = `${table.style.bold(onOneLine(name))} differs in ${plural(rows, 'row')} (${formatShare(share)})`;
  if (samples.length === 0) return ['', head];
  const columns = [...(key ?? []), names.a, names.b].map((column) => ({
    name: column,
    align: 'left' as const,
  }));
  const cells = samples.map((sample) => [
    ...sample.key.map(cut),
    // Where the cut would hide the difference, what is shown begins just before it.
    ...fromDifference(sample.a, sample.b).map(cut),
  ]);
  const inner = { ...table, width: table.width - 2 };
  return [
    '',
    head,
    ...formatTable(columns, cells, inner)
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

function fromDifference(a: TextValue, b: TextValue): readonly [TextValue, TextValue] {
  if (a === null || b === null || Math.max(a.length, b.length) <= widestValue) return [a, b];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  if (same < widestValue - 10) return [a, b];
  const start = same - 20;
  return [`…${a.slice(start, start + 2 * widestValue)}`, `…${b.slice(start, start + 2 * widestValue)}`];
}

function cut(value: TextValue): TextValue {
  return value === null ? null : truncate(onOneLine(value.slice(0, 4 * widestValue)), widestValue);
}

function shown(value: TextValue): string {
  return cut(value) ?? 'null';
}

/** 0.0042 as 0.4%; what is there is never 0%, and what is not all never 100%. */
function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return '<0.1%';
  if (share < 1 && share > 0.999) return '>99.9%';
  return `${Number((share * 100).toFixed(1))}%`;
}
