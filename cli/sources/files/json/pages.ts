import { type ByteOptions, readBytes } from '../../bytes.js';
import type { Page } from '../../records/batches.js';
import { rawText, type SourceRow } from '../../records/encode.js';
import type { RejectedRow } from '../../source.js';
import { arrayCutter } from './array.js';
import type { CutRecord, JsonPosition } from './cut.js';
import { lineCutter } from './lines.js';
import { parseRecord } from './record.js';

/** What is known of a file before its records are read. */
export interface JsonFile extends Pick<ByteOptions, 'path' | 'origin' | 'packing' | 'decode'> {
  readonly isArray: boolean;
  /** Where its text begins, behind a byte order mark. */
  readonly start: JsonPosition;
}

/** Cuts a file into its records, from one on. */
export async function* cutRecords(
  file: JsonFile,
  from: JsonPosition,
  options: { readonly signal: AbortSignal | undefined; readonly onFileBytes?: (bytes: number) => void },
): AsyncGenerator<readonly CutRecord[]> {
  const cutter = file.isArray
    ? arrayCutter(file.origin, from, from.bytes > file.start.bytes)
    : lineCutter(file.origin, from);
  for await (const chunk of readBytes({ ...file, ...options, skip: from.bytes })) yield cutter.push(chunk);
  yield cutter.end();
}

/** A page ends early at this size, so that memory stays flat however large the records are. */
const maxPageBytes = 8 * 1024 * 1024;

export interface PageOptions {
  readonly from: JsonPosition;
  /** Records in a page. */
  readonly rows: number;
  /** Only these fields of a record; undefined: all. */
  readonly fields: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly onFileBytes: (bytes: number) => void;
}

/** Reads a file's records page by page; what is no object is rejected. */
export async function* readPages(file: JsonFile, options: PageOptions): AsyncGenerator<Page> {
  let page = newPage();
  for await (const records of cutRecords(file, options.from, options)) {
    for (const record of records) {
      addRecord(page, record, options.fields);
      if (page.rows.length + page.rejected.length < options.rows && page.bytes < maxPageBytes) continue;
      yield { ...page, next: record.end };
      page = newPage();
    }
    const last = records.at(-1);
    if (last) page.next = last.end;
  }
  if (page.rows.length + page.rejected.length > 0) yield page;
}

interface GrowingPage extends Page {
  readonly rows: SourceRow[];
  readonly lines: number[];
  readonly rejected: RejectedRow[];
  bytes: number;
  next?: JsonPosition;
}

const newPage = (): GrowingPage => ({ rows: [], lines: [], rejected: [], bytes: 0 });

function addRecord(
  page: GrowingPage,
  { bytes, line }: CutRecord,
  fields: readonly string[] | undefined,
): void {
  page.bytes += bytes.length;
  const parsed = parseRecord(bytes);
  if ('row' in parsed) {
    page.rows.push(fields ? pick(parsed.row, fields) : parsed.row);
    page.lines.push(line);
  } else page.rejected.push({ line, reason: parsed.reason, raw: rawText(bytes.toString()) });
}

function pick(row: SourceRow, fields: readonly string[]): SourceRow {
  return Object.fromEntries(
    fields.flatMap((field) => (Object.hasOwn(row, field) ? [[field, row[field]]] : [])),
  );
}
