import { onOneLine } from '../text/controls.js';
import { displayWidth, padEnd } from '../text/format.js';
import { clip } from './clip.js';

/** Rows as a message shows them: few, and no wider than people read. */
export interface MessageRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Columns that are left out. */
  readonly hiddenColumns: number;
}

const maxColumns = 8;
const maxCell = 40;

/** @param samples rows with columns by name, each value as text */
export function messageRows(
  samples: readonly Readonly<Record<string, string | null>>[],
  limit: number,
): MessageRows | undefined {
  const shown = samples.slice(0, limit);
  const columns = [...new Set(shown.flatMap((sample) => Object.keys(sample)))];
  if (columns.length === 0) return undefined;
  const kept = columns.slice(0, maxColumns);
  return {
    columns: kept.map((name) => clip(onOneLine(name), maxCell)),
    rows: shown.map((sample) =>
      kept.map((name) => {
        const value = sample[name];
        return value === undefined || value === null ? null : clip(onOneLine(value), maxCell);
      }),
    ),
    hiddenColumns: columns.length - kept.length,
  };
}

/** Rows for letters of one width, a line each. */
export function rowLines({ columns, rows, hiddenColumns }: MessageRows): string[] {
  const lines = [columns, ...rows.map((row) => row.map((cell) => cell ?? 'null'))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => displayWidth(line[i]!))));
  return [
    ...lines.map((line) =>
      line
        .map((cell, i) => padEnd(cell, widths[i]!))
        .join('  ')
        .trimEnd(),
    ),
    ...(hiddenColumns > 0 ? [`(${hiddenColumns} more columns)`] : []),
  ];
}
