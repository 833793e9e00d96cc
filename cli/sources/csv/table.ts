import { MedallionError } from '../../errors/index.js';
import { unreadable } from '../bytes.js';
import type { OpenedTable } from '../file-table.js';
import { type CsvFormat, type CsvPosition, openFile } from './open.js';
import { readBatches } from './read.js';

/**
 * Opens one CSV file as a table.
 * @param origin for messages: relative to the project
 * @throws MedallionError MDL3002 (unreadable), MDL3003 (no header)
 */
export async function openCsvTable(path: string, origin: string, format: CsvFormat): Promise<OpenedTable> {
  const file = await openFile(path, origin, format).catch((cause) => {
    throw cause instanceof MedallionError ? cause : unreadable(origin, cause);
  });
  let fileBytes = 0;
  return {
    origin,
    columns: file.columns,
    notices: file.notices,
    totalBytes: file.totalBytes,
    bytesRead: () => fileBytes,
    readAs: { dialect: { ...file.dialect }, header: format.header ?? true, columns: [...file.columns] },
    read: ({ batchRows, after, limit, signal }) =>
      readBatches(file, {
        batchRows,
        limit,
        after: (after as CsvPosition | undefined) ?? file.start,
        signal,
        onFileBytes: (bytes) => {
          fileBytes = bytes;
        },
      }),
  };
}

/**
 * Checks what TypeScript cannot.
 * @param author for messages: `csv({ ... })`
 * @throws MedallionError MDL1003
 */
export function checkCsvFormat(author: string, format: CsvFormat): void {
  const wrong = (message: string) => new MedallionError('MDL1003', { message: `${author}: ${message}` });
  for (const [name, value] of [
    ['delimiter', format.delimiter],
    ['quote', format.quote],
  ] as const) {
    if (value !== undefined && (Buffer.byteLength(value) !== 1 || value === '\n' || value === '\r'))
      throw wrong(`${name} must be one ASCII character.`);
  }
  if (format.delimiter !== undefined && format.delimiter === (format.quote ?? '"'))
    throw wrong('delimiter and quote must differ.');
  if (format.header === false && !format.columns) throw wrong('header: false needs columns: ["..."].');
  if (format.encoding !== undefined && !['utf8', 'latin1', 'windows-1252'].includes(format.encoding))
    throw wrong('encoding must be utf8, latin1 or windows-1252.');
}
