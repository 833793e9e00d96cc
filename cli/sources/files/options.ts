import { MedallionError } from '../../errors/index.js';
import type { CsvFormat } from '../csv/open.js';
import { checkCsvFormat } from '../csv/table.js';
import type { OpenedTable } from '../file-table.js';

export type FileFormat = 'csv' | 'json' | 'parquet' | 'excel';

/** One table of `files({ ... })`. */
export interface FileTable extends CsvFormat {
  /** Relative to the project, where `*`, `?` and `**` match many files, which are read in the order of their names; or an address, `https://...`. A list reads one after the other. */
  readonly path: string | readonly string[];
  /** Default: by the ending of `path`, without `.gz` or `.zst`. */
  readonly format?: FileFormat;
  /** JSON, Parquet: only these, in this order; JSON files are then not looked through for their fields first. CSV, Excel: see `header`. */
  readonly columns?: readonly string[];
  /** Excel: the name of the sheet, or its number from 1. Default 1. */
  readonly sheet?: string | number;
  /** Sent with requests for addresses: `{ authorization: ... }`. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Seconds without a good answer of the server of an address after which a load fails. Default: 60. */
  readonly giveUpAfter?: number;
  /** False: bronze gets no column `source_file`. Default true. */
  readonly sourceFile?: boolean;
}

export interface FilesOptions {
  /** By name of the table: a path, several, or a path with settings. */
  readonly tables: Readonly<Record<string, string | readonly string[] | FileTable>>;
}

/** A table whose settings are complete. */
export interface FileTableSettings extends Omit<FileTable, 'path'> {
  readonly paths: readonly string[];
  readonly format: FileFormat;
}

/**
 * Opens one file as a table.
 * @param origin for messages, and what `source_file` says: a path relative to the project, a URL without secrets
 */
export type OpenFile = (
  path: string,
  origin: string,
  settings: FileTableSettings,
  signal: AbortSignal | undefined,
) => Promise<OpenedTable>;

const endings: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  parquet: 'parquet',
  xlsx: 'excel',
};
const formats = [...new Set(Object.values(endings))];

/** Settings that only some formats have. */
const formatsWith: Readonly<Partial<Record<keyof FileTable, readonly FileFormat[]>>> = {
  delimiter: ['csv'],
  quote: ['csv'],
  encoding: ['csv'],
  nullText: ['csv'],
  header: ['csv', 'excel'],
  sheet: ['excel'],
};

/**
 * Checks what TypeScript cannot, and finds out the formats.
 * @throws MedallionError MDL1003
 */
export function settleFileTable(name: string, given: FilesOptions['tables'][string]): FileTableSettings {
  const author = `files({ tables: { ${name}: ... } })`;
  const wrong = (message: string) => new MedallionError('MDL1003', { message: `${author}: ${message}` });
  const { path, ...table } = isTable(given) ? given : { path: given };
  const paths = typeof path === 'string' ? [path] : (path ?? []);
  if (paths.length === 0 || paths.some((one) => typeof one !== 'string' || one.trim() === ''))
    throw wrong('path must name a file.');
  const format = table.format ?? commonFormat(paths);
  if (format === undefined || !formats.includes(format)) {
    throw wrong(
      `${paths.map(withoutSecrets).join(', ')} does not tell one format; say which: format: '${formats.join("' or '")}'.`,
    );
  }
  for (const [setting, owners] of Object.entries(formatsWith))
    if (!owners.includes(format) && table[setting as keyof typeof table] !== undefined)
      throw wrong(`${setting} is a setting of ${owners.join(' and ')} files, and this is ${format}.`);
  if (table.giveUpAfter !== undefined && !(table.giveUpAfter >= 0)) throw wrong('giveUpAfter takes seconds.');
  if (format === 'csv') checkCsvFormat(author, table);
  if (format === 'excel') {
    if (table.header === false && !table.columns) throw wrong('header: false needs columns: ["..."].');
    if (typeof table.sheet === 'number' && !(Number.isInteger(table.sheet) && table.sheet >= 1))
      throw wrong('sheet takes a name, or a number from 1.');
  }
  return { ...table, paths, format };
}

/** Whether a path is an address. */
export function isRemote(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

function isTable(given: FilesOptions['tables'][string]): given is FileTable {
  return typeof given === 'object' && !Array.isArray(given);
}

/** User, password and query of an address may be secret. */
function withoutSecrets(path: string): string {
  return isRemote(path) ? path.replace(/\?.*/s, '?***').replace(/\/\/[^/]*@/, '//') : path;
}

/** `exports/*.jsonl.gz`, `exports/*.json*`: what stands behind the last dot, packing and wildcards left out. */
function commonFormat(paths: readonly string[]): FileFormat | undefined {
  const found = new Set(
    paths.map((path) => {
      const name = (isRemote(path) && URL.canParse(path) ? new URL(path).pathname : path)
        .toLowerCase()
        .replace(/[*?]+$/, '')
        .replace(/\.(gz|zst)?$/, '');
      return endings[name.slice(name.lastIndexOf('.') + 1)];
    }),
  );
  return found.size === 1 ? [...found][0] : undefined;
}
