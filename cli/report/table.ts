import { onOneLine } from '../text/controls.js';
import { displayWidth, padEnd, padStart, truncate } from '../text/format.js';
import type { Style } from './style.js';

export interface TableColumn {
  readonly name: string;
  readonly align: 'left' | 'right';
}

export interface TableOptions {
  /** Width of the terminal. */
  readonly width: number;
  readonly style: Style;
}

type Cell = string | null;

/** Numbers stand right, everything else left. */
export function alignColumn({ name, numeric }: { name: string; numeric: boolean }): TableColumn {
  return { name, align: numeric ? 'right' : 'left' };
}

/** Rows as an aligned table that fits the terminal: long cells are shortened, widest columns first. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  { width, style }: TableOptions,
): string {
  const shown = rows.map((row) => row.map((cell) => (cell === null ? 'null' : onOneLine(cell))));
  const names = columns.map(({ name }) => onOneLine(name));
  // Not spread into Math.max: a list of a hundred thousand rows would overflow the stack.
  const widths = names.map((name, i) =>
    shown.reduce((widest, row) => Math.max(widest, displayWidth(row[i]!)), displayWidth(name)),
  );
  fitWidths(widths, Math.max(width, 20));
  const line = (cells: readonly string[], paint: (text: string, i: number) => string) =>
    cells
      .map((cell, i) => {
        const cut = truncate(cell, widths[i]!);
        const last = i === cells.length - 1;
        const padded =
          columns[i]!.align === 'right' ? padStart(cut, widths[i]!) : last ? cut : padEnd(cut, widths[i]!);
        return paint(padded, i);
      })
      .join('  ')
      .trimEnd();
  const header = line(names, (text) => style.bold(text));
  const rule = style.dim(widths.map((size) => '─'.repeat(size)).join('  '));
  const body = shown.map((row, r) => line(row, (text, i) => (rows[r]![i] === null ? style.dim(text) : text)));
  return [header, rule, ...body].join('\n');
}

/** Takes from the widest column until all fit; none becomes narrower than 4. */
function fitWidths(widths: number[], available: number): void {
  const gaps = 2 * (widths.length - 1);
  while (widths.reduce((sum, size) => sum + size, 0) + gaps > available) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= 4) return;
    widths[widest]!--;
  }
}

/** Rows as CSV with a header; null is nothing, an empty text is "". */
export function formatCsv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const field = (cell: Cell) =>
    cell === null ? '' : cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return [columns, ...rows].map((row) => row.map(field).join(',')).join('\n');
}
