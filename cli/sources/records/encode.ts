import type { CopyFormat, RejectedRow } from '../source.js';
import { toText, unstorable } from './values.js';

/** A row of a source as it came: values by column. */
export type SourceRow = Readonly<Record<string, unknown>>;

/** How records are written for COPY: every value in quotes, null as nothing at all. */
export const recordFormat: CopyFormat = {
  format: 'csv',
  delimiter: ',',
  quote: '"',
  escape: '"',
  nullText: '',
  encoding: 'UTF8',
};

const longestRaw = 10_000;

/**
 * Writes a row as a line for COPY.
 * @param known the columns, as a set
 * @returns the line, or why the row cannot be loaded
 */
export function encodeRow(
  row: SourceRow,
  columns: readonly string[],
  known: ReadonlySet<string>,
): { readonly line: string } | { readonly reason: string } {
  for (const name in row)
    if (!known.has(name) && row[name] !== undefined)
      return { reason: `the field "${name}" is not among the columns` };
  let line = '';
  for (let i = 0; i < columns.length; i++) {
    const text = toText(row[columns[i]!]);
    if (i > 0) line += ',';
    if (text === null) continue;
    const problem = unstorable(text);
    if (problem) return { reason: `"${columns[i]}" cannot be kept: ${problem}` };
    line += text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
  }
  return { line: `${line}\n` };
}

export function rejectedRow(row: SourceRow, line: number | null, reason: string): RejectedRow {
  return { line, reason, raw: rawText(toText(row) ?? '') };
}

/** What stood in the source, as the quarantine keeps it. */
export function rawText(text: string): string {
  return text.slice(0, longestRaw).replaceAll('\u0000', '\\u0000').toWellFormed();
}
