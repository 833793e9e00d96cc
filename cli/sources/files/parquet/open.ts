import { closeSync, openSync, readSync, statSync } from 'node:fs';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetSchema,
} from 'hyparquet';
import { MedallionError } from '../../../errors/index.js';
import { unreadable } from '../../bytes.js';
import { recordTable } from '../../records/define-source.js';
import { badFile, requireColumns } from '../bad-file.js';
import type { OpenFile } from '../options.js';
import { readRows } from './read.js';
import { columnConverter, storedElement } from './values.js';

/**
 * Opens a Parquet file. Its columns and its number of rows stand at its end.
 * @throws MedallionError MDL3002 (unreadable), MDL3009 (no Parquet, or cut off)
 */
export const openParquet: OpenFile = async (path, origin, settings) => {
  requireMarks(path, origin);
  const file = await asyncBufferFromFile(path);
  const metadata = await readMetadata(file, origin);
  const trees = parquetSchema(metadata).children;
  const names = trees.map(({ element }) => element.name);
  const columns = settings.columns ?? names;
  requireColumns(origin, columns, names);
  const stored: FileMetaData = { ...metadata, schema: metadata.schema.map(storedElement) };
  const { fingerprint: _, ...table } = recordTable({
    origin,
    columns,
    totalRows: Number(metadata.num_rows),
    read: ({ after, batchRows, limit, signal }) =>
      readRows({
        file,
        origin,
        metadata: stored,
        columns: columns.map((name) => ({ name, convert: columnConverter(trees[names.indexOf(name)]!) })),
        from: (after as { row: number } | undefined)?.row ?? 0,
        limit,
        pageRows: batchRows,
        signal,
      }),
  });
  return { ...table, readAs: { columns: [...columns] } };
};

async function readMetadata(file: AsyncBuffer, origin: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(file, { geoparquet: false });
  } catch (cause) {
    throw badFile(
      origin,
      {},
      `its end cannot be read as that of a Parquet file: ${(cause as Error).message}`,
    );
  }
}

/** A Parquet file begins and ends with `PAR1`. */
function requireMarks(path: string, origin: string): void {
  const mark = Buffer.alloc(4);
  const markAt = (file: number, at: number) =>
    readSync(file, mark, 0, 4, at) === 4 ? mark.toString('latin1') : '';
  try {
    const file = openSync(path, 'r');
    try {
      const begins = markAt(file, 0);
      const ends = markAt(file, Math.max(0, statSync(path).size - 4));
      if (begins === 'PARE' || ends === 'PARE')
        throw badFile(origin, {}, 'it is encrypted, which cannot be read');
      if (begins !== 'PAR1') throw badFile(origin, {}, 'it is no Parquet file: it does not begin with PAR1');
      if (ends !== 'PAR1') throw badFile(origin, {}, 'the file is cut off: it does not end with PAR1');
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw cause instanceof MedallionError ? cause : unreadable(origin, cause);
  }
}
