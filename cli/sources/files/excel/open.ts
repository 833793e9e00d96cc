import { readSheet, SheetNotFoundError } from 'read-excel-file/node';
import { unreadable } from '../../bytes.js';
import { columnNames } from '../../column-names.js';
import { recordTable } from '../../records/define-source.js';
import type { SourceNotice } from '../../source.js';
import { badFile, requireColumns } from '../bad-file.js';
import type { FileTableSettings, OpenFile } from '../options.js';
import { type CellValue, cellText } from './cell.js';

type Cells = readonly (CellValue | null)[];

/** Columns of a sheet, and where in a row each of them stands. */
interface Sheet {
  readonly columns: readonly string[];
  readonly places: readonly number[];
  readonly notices: readonly SourceNotice[];
  readonly rows: readonly Cells[];
}

/**
 * Opens a sheet of an Excel workbook (.xlsx). A workbook is read whole, since Excel stores texts apart from the sheets.
 * @throws MedallionError MDL3002 (unreadable), MDL3003 (no header), MDL3009 (no workbook, no such sheet)
 */
export const openExcel: OpenFile = async (path, origin, settings) => {
  const { columns, places, notices, rows } = headed(await readRows(path, origin, settings), origin, settings);
  const { fingerprint: _, ...table } = recordTable({
    origin,
    columns,
    notices,
    totalRows: rows.length,
    async *read({ after, batchRows, signal }) {
      for (let at = (after as { row: number } | undefined)?.row ?? 0; at < rows.length; at += batchRows) {
        signal.throwIfAborted();
        const next = Math.min(at + batchRows, rows.length);
        const page = rows
          .slice(at, next)
          .map((cells) => Object.fromEntries(columns.map((name, i) => [name, cellText(cells[places[i]!])])));
        yield { rows: page, next: { row: next } };
      }
    },
  });
  return {
    ...table,
    readAs: { sheet: settings.sheet ?? null, header: settings.header ?? true, columns: [...columns] },
  };
};

async function readRows(
  path: string,
  origin: string,
  { sheet }: FileTableSettings,
): Promise<readonly Cells[]> {
  try {
    // Numbers as they are stored: a JavaScript number would round those with more than 15 digits.
    const rows = await readSheet(path, sheet ?? 1, { trim: false, parseNumber: (digits) => digits });
    return (rows as readonly Cells[]).filter((cells) => cells.some((cell) => cell !== null));
  } catch (cause) {
    if (cause instanceof SheetNotFoundError) {
      const { sheets } = cause as SheetNotFoundError & { readonly sheets: readonly string[] };
      const wanted = typeof sheet === 'number' ? `no sheet ${sheet}` : `no sheet "${sheet}"`;
      throw badFile(
        origin,
        {},
        `it has ${wanted}`,
        `Its sheets are ${sheets.map((name) => `"${name}"`).join(', ')}.`,
      );
    }
    if ((cause as { syscall?: string }).syscall !== undefined) throw unreadable(origin, cause);
    throw badFile(
      origin,
      {},
      `it cannot be read as an Excel workbook: ${(cause as Error).message.replace(/\.$/, '')}`,
      'Workbooks of Excel 2007 and later (.xlsx) can be read, without a password. Save it as such, or as CSV.',
    );
  }
}

function headed(
  all: readonly Cells[],
  origin: string,
  { header = true, columns: wanted }: FileTableSettings,
): Sheet {
  const first = header ? (all[0] ?? []) : wanted!;
  const rows = header ? all.slice(1) : all;
  const width = rows.reduce((most, { length }) => Math.max(most, length), first.length);
  const { columns, notices } = columnNames(
    Array.from({ length: width }, (_, i) => cellText(first[i]) ?? ''),
    { file: origin, line: 1 },
  );
  const chosen = (header && wanted) || columns;
  requireColumns(origin, chosen, columns);
  return { columns: chosen, places: chosen.map((name) => columns.indexOf(name)), notices, rows };
}
