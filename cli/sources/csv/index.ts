import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { didYouMean, MedallionError } from '../../errors/index.js';
import type { Source, SourceContext, SourceTable } from '../source.js';
import { unreadable } from './bytes.js';
import { type CsvFormat, type CsvPosition, type OpenedFile, openFile } from './open.js';
import { readBatches } from './read.js';

export interface CsvOptions extends CsvFormat {
  /** Folder of the files, relative to the project: table `clientes` is `clientes.csv`, `.tsv`, `.csv.gz` or `.tsv.gz` in it. */
  readonly dir: string;
}

const endings = ['.csv', '.tsv', '.csv.gz', '.tsv.gz'];

/** A folder of CSV files as a source: `csv({ dir: 'seeds' })`. */
export function csv(options: CsvOptions): Source {
  checkOptions(options);
  const folder = (context: SourceContext) => resolve(context.projectDir, options.dir);
  return {
    kind: 'csv',
    async tables(context) {
      return listTables(folder(context), options.dir);
    },
    async open(table, context) {
      const dir = folder(context);
      const ending = endings.find((candidate) => existsSync(`${dir}/${table}${candidate}`));
      if (!ending) {
        throw new MedallionError('MDL3001', {
          message: `There is no file ${options.dir}/${table}.csv (nor .tsv, .csv.gz, .tsv.gz).`,
          hint: didYouMean(table, existsSync(dir) ? listTables(dir, options.dir) : []),
        });
      }
      const path = `${dir}/${table}${ending}`;
      const origin = relative(context.projectDir, path).replaceAll('\\', '/');
      try {
        return asSourceTable(await openFile(path, origin, options), options);
      } catch (cause) {
        throw cause instanceof MedallionError ? cause : unreadable(origin, cause);
      }
    },
  };
}

function checkOptions(options: CsvOptions): void {
  const wrong = (message: string) => new MedallionError('MDL1003', { message: `csv({ ... }): ${message}` });
  for (const [name, value] of [
    ['delimiter', options.delimiter],
    ['quote', options.quote],
  ] as const) {
    if (value !== undefined && (Buffer.byteLength(value) !== 1 || value === '\n' || value === '\r'))
      throw wrong(`${name} must be one ASCII character.`);
  }
  if (options.delimiter !== undefined && options.delimiter === (options.quote ?? '"'))
    throw wrong('delimiter and quote must differ.');
  if (options.header === false && !options.columns) throw wrong('header: false needs columns: ["..."].');
  if (options.encoding !== undefined && !['utf8', 'latin1', 'windows-1252'].includes(options.encoding))
    throw wrong('encoding must be utf8, latin1 or windows-1252.');
}

function listTables(dir: string, shown: string): string[] {
  try {
    return [
      ...new Set(
        readdirSync(dir).flatMap((name) =>
          endings
            .filter((ending) => name.endsWith(ending) && name !== ending)
            .map((ending) => name.slice(0, -ending.length)),
        ),
      ),
    ].sort();
  } catch (cause) {
    throw unreadable(shown, cause);
  }
}

function asSourceTable(file: OpenedFile, options: CsvOptions): SourceTable {
  let fileBytes = 0;
  return {
    origin: file.origin,
    columns: file.columns,
    notices: file.notices,
    totalBytes: file.totalBytes,
    bytesRead: () => fileBytes,
    fingerprint: (signal) => fingerprint(file, options, signal),
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

/** Equal content, read the same way. Times are not trusted: a checkout changes them, an edit may keep them. */
async function fingerprint(
  file: OpenedFile,
  options: CsvOptions,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file.path, { highWaterMark: 1024 * 1024 }), hash, { signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw unreadable(file.origin, cause);
  }
  return {
    sha256: hash.digest('hex'),
    bytes: statSync(file.path).size,
    dialect: { ...file.dialect },
    header: options.header ?? true,
    columns: [...file.columns],
  };
}
