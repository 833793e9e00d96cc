import { statSync } from 'node:fs';
import { MedallionError } from '../../errors/index.js';
import { detectMark, type Packing, packingOf, readSample } from '../bytes.js';
import { columnNames } from '../column-names.js';
import type { SourceNotice } from '../source.js';
import { type Dialect, detectDelimiter, detectNewline, looksLikeUtf8, separatorLine } from './dialect.js';
import { RecordScanner } from './scanner.js';

/** Settings of `csv({ ... })` that say how its files are written; what is left out is found out from each file. */
export interface CsvFormat {
  /** One character; default: found out from `,` `;` tab and `|`. */
  readonly delimiter?: string;
  /** One character; default `"`. */
  readonly quote?: string;
  /** Default: UTF-8 where the file is valid UTF-8, else windows-1252. */
  readonly encoding?: 'utf8' | 'latin1' | 'windows-1252';
  /** False for files whose first line is a row; then `columns` names them. Default true. */
  readonly header?: boolean;
  readonly columns?: readonly string[];
  /** Unquoted text that stands for null; default: nothing at all. */
  readonly nullText?: string;
}

/** Where a batch begins: offset in the (unpacked, UTF-8 or single-byte) bytes, and what was counted up to there. */
export interface CsvPosition {
  readonly bytes: number;
  readonly line: number;
  readonly row: number;
}

/** A file whose dialect and columns are known. */
export interface OpenedFile {
  readonly path: string;
  readonly origin: string;
  readonly packing: Packing;
  readonly decode: 'utf-16le' | 'utf-16be' | undefined;
  readonly dialect: Dialect;
  readonly columns: readonly string[];
  readonly notices: readonly SourceNotice[];
  /** Size of the file as it is stored. */
  readonly totalBytes: number;
  /** Where the first row begins. */
  readonly start: CsvPosition;
}

const encodings = { utf8: 'UTF8', latin1: 'LATIN1', 'windows-1252': 'WIN1252' } as const;

/**
 * Looks at the beginning of a file: encoding, delimiter, line ends, header.
 * @throws MedallionError MDL3002 (unreadable), MDL3003 (no header)
 */
export async function openFile(path: string, origin: string, format: CsvFormat): Promise<OpenedFile> {
  const packing = packingOf(path, origin);
  const totalBytes = statSync(path).size;
  const raw = await readSample({ path, origin, packing, decode: undefined });
  const mark = detectMark(raw);
  const decode = mark?.encoding === 'utf-16le' || mark?.encoding === 'utf-16be' ? mark.encoding : undefined;
  const sample = decode ? await readSample({ path, origin, packing, decode }) : raw;
  const markBytes = detectMark(sample)?.bytes ?? 0;
  const separator = separatorLine(sample.subarray(markBytes));
  const before = { bytes: markBytes + (separator?.bytes ?? 0), lines: separator ? 1 : 0 };
  const text = sample.subarray(before.bytes);
  if (text.length === 0 && !format.columns) {
    throw new MedallionError('MDL3003', {
      message: `${origin} is empty: it has not even a header.`,
      where: { file: origin, line: 1 },
    });
  }
  const notices: SourceNotice[] = [];
  // What has been decoded is UTF-8, whatever the settings say of the file.
  const wanted: CsvFormat = {
    ...(separator && { delimiter: separator.delimiter }),
    ...format,
    ...(decode && { encoding: 'utf8' }),
  };
  const dialect = settleDialect(text, origin, wanted, mark !== undefined, notices);
  const header = format.header === false ? undefined : firstRecord(text, dialect);
  const { columns, notices: renamed } = columnNames(await headerNames(header, origin, format, dialect), {
    file: origin,
    line: 1 + before.lines,
  });
  return {
    path,
    origin,
    packing,
    decode,
    dialect,
    columns,
    notices: [...notices, ...renamed],
    totalBytes,
    start: {
      bytes: before.bytes + (header?.end ?? 0),
      line: 1 + before.lines + (header?.lines ?? 0),
      row: 1,
    },
  };
}

function settleDialect(
  text: Buffer,
  origin: string,
  format: CsvFormat,
  hasMark: boolean,
  notices: SourceNotice[],
): Dialect {
  const quote = format.quote ?? '"';
  const newline = detectNewline(text, quote, format.delimiter);
  let encoding: Dialect['encoding'] = format.encoding ? encodings[format.encoding] : 'UTF8';
  if (!format.encoding && !hasMark && !looksLikeUtf8(text)) {
    encoding = 'WIN1252';
    notices.push({
      message: `${origin} is not UTF-8; it is read as windows-1252 (Latin-1).`,
      where: { file: origin },
      hint: "Say so, and this notice goes away: encoding: 'windows-1252'.",
    });
  }
  const beginning = firstRecord(text, { delimiter: ',', quote, newline })?.bytes.toString('latin1') ?? '';
  const delimiter =
    format.delimiter ?? (/\.tsv(\.(gz|zst))?$/.test(origin) ? '\t' : detectDelimiter(beginning, quote));
  return { delimiter, quote, newline, encoding, nullText: format.nullText ?? '' };
}

/** The first record of a sample that is not blank, with its line end, and where it ends: lines before it included. */
function firstRecord(
  sample: Buffer,
  dialect: Pick<Dialect, 'delimiter' | 'quote' | 'newline'>,
): { bytes: Buffer; end: number; lines: number } | undefined {
  const scanner = new RecordScanner(dialect);
  for (let at = 0; ; ) {
    scanner.startBatch();
    const end = scanner.scan(sample, at, 1, Number.MAX_SAFE_INTEGER);
    if (scanner.records === 0) scanner.endOfFile();
    const bytes = sample.subarray(at, end);
    if (bytes.toString('latin1').trim() !== '') return { bytes, end, lines: scanner.lines };
    if (end >= sample.length) return undefined;
    at = end;
  }
}

async function headerNames(
  header: { bytes: Buffer } | undefined,
  origin: string,
  format: CsvFormat,
  dialect: Dialect,
): Promise<readonly string[]> {
  if (format.columns) return format.columns;
  if (!header)
    throw new MedallionError('MDL3003', {
      message: `${origin} has no header.`,
      where: { file: origin, line: 1 },
    });
  const text =
    dialect.encoding === 'UTF8'
      ? header.bytes.toString('utf8')
      : new TextDecoder('windows-1252').decode(header.bytes);
  const { parse } = await import('csv-parse/sync');
  const { delimiter, quote } = dialect;
  const [names] = parse(text, {
    delimiter,
    quote,
    escape: quote,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    to: 1,
  }) as string[][];
  if (!names)
    throw new MedallionError('MDL3003', {
      message: `${origin} has no header.`,
      where: { file: origin, line: 1 },
    });
  return names;
}
