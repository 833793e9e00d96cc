import { type AsyncBuffer, type FileMetaData, type ParquetScan, parquetScan } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { MedallionError } from '../../../errors/index.js';
import type { Page } from '../../records/batches.js';
import { rejectedRow, type SourceRow } from '../../records/encode.js';
import type { RejectedRow } from '../../source.js';
import { badFile } from '../bad-file.js';
import { type Convert, notUtf8, storedParsers } from './values.js';

export interface RowReading {
  readonly file: AsyncBuffer;
  readonly origin: string;
  /** With elements as `storedElement` makes them. */
  readonly metadata: FileMetaData;
  readonly columns: readonly { readonly name: string; readonly convert: Convert }[];
  /** The first row, from 0. */
  readonly from: number;
  readonly limit: number | undefined;
  readonly pageRows: number;
  readonly signal: AbortSignal;
}

/** Values that are unpacked at the same time. A row group of millions is read in several goes, each of which skips the pages before it. */
const valuesAtOnce = 1_000_000;

/** Reads rows page by page, never more than a part of a row group at a time. */
export async function* readRows(reading: RowReading): AsyncGenerator<Page> {
  const { file, metadata, columns, signal } = reading;
  const atOnce = Math.max(100, Math.floor(valuesAtOnce / Math.max(1, columns.length)));
  const end = Math.min(Number(metadata.num_rows), reading.limit ?? Number.POSITIVE_INFINITY);
  const scan = await parquetScan({
    file,
    metadata,
    compressors,
    utf8: false,
    geoparquet: false,
    parsers: storedParsers,
  });
  for (const group of scan.ranges) {
    for (let row = Math.max(group.rowStart, reading.from); row < Math.min(group.rowEnd, end); ) {
      signal.throwIfAborted();
      const upTo = Math.min(row + atOnce, group.rowEnd, end);
      yield* pagesOf(reading, row, await readColumns(reading, scan, row, upTo));
      row = upTo;
    }
  }
}

/** The values of each column, in the order of the columns. */
async function readColumns(
  { origin, columns }: RowReading,
  scan: ParquetScan,
  rowStart: number,
  rowEnd: number,
): Promise<ArrayLike<unknown>[]> {
  const values: ArrayLike<unknown>[] = [];
  for (const { name } of columns) {
    try {
      const column = await scan.readColumn({ column: name, rowStart, rowEnd });
      if (column.length !== rowEnd - rowStart)
        throw new Error(`${column.length} values where ${rowEnd - rowStart} must be`);
      values.push(column);
    } catch (cause) {
      if (cause instanceof MedallionError) throw cause;
      const place = `the column "${name}" cannot be read (rows ${rowStart + 1} to ${rowEnd})`;
      throw badFile(origin, {}, `${place}: ${(cause as Error).message}`);
    }
  }
  return values;
}

function* pagesOf(
  { columns, pageRows }: RowReading,
  firstRow: number,
  values: readonly ArrayLike<unknown>[],
): Generator<Page> {
  const count = values[0]?.length ?? 0;
  for (let at = 0; at < count; at += pageRows) {
    const upTo = Math.min(at + pageRows, count);
    const rows: SourceRow[] = [];
    const rejected: RejectedRow[] = [];
    for (let row = at; row < upTo; row++) {
      const fields: Record<string, unknown> = {};
      let broken: string | undefined;
      for (let i = 0; i < columns.length; i++) {
        const { name, convert } = columns[i]!;
        const value = convert(values[i]![row]);
        if (value === notUtf8) broken = name;
        else fields[name] = value;
      }
      if (broken === undefined) rows.push(fields);
      else
        rejected.push(
          rejectedRow(fields, null, `"${broken}" of row ${firstRow + row + 1} is not valid UTF-8`),
        );
    }
    yield { rows, rejected, next: { row: firstRow + upTo } };
  }
}
