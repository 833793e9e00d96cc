import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { didYouMean, MedallionError } from '../../errors/index.js';
import { unreadable } from '../bytes.js';
import { openFileTable } from '../file-table.js';
import { knownContent, type ReadFile } from '../known-content.js';
import type { KnownTable, Source, SourceContext, SourceTable } from '../source.js';
import { download } from './download.js';
import { fileFormats } from './formats.js';
import { matchFiles } from './glob.js';
import { joinFiles, joinKnown } from './join.js';
import { type FilesOptions, type FileTableSettings, isRemote, settleFileTable } from './options.js';
import { remoteFile } from './remote.js';
import { type FoundFile, unpacked } from './unpacked.js';

/**
 * Files as a source: CSV, JSON, Parquet and Excel, one by one or by pattern, packed with gzip or zstd or not:
 * `files({ tables: { events: 'exports/*.jsonl.gz' } })`.
 */
export function files(options: FilesOptions): Source {
  const tables = new Map(
    Object.entries(options.tables).map(([name, given]) => [name, settleFileTable(name, given)]),
  );
  const tableOf = (name: string) => {
    const table = tables.get(name);
    if (table) return table;
    throw new MedallionError('MDL3001', {
      message: `files({ ... }) has no table "${name}".`,
      hint: didYouMean(name, [...tables.keys()]),
    });
  };
  return {
    kind: 'files',
    tables: async () => [...tables.keys()],
    async open(name, context) {
      const table = tableOf(name);
      const opened: SourceTable[] = [];
      const close = async () => {
        for (const file of opened) await file.close?.();
      };
      try {
        for (const file of await findAll(table, context)) opened.push(await openFile(file, table, context));
        return { ...joinFiles(nameOf(table), opened, table.sourceFile ?? true), close };
      } catch (cause) {
        await close();
        throw cause;
      }
    },
    async known(name, context) {
      const table = tableOf(name);
      // Only its server knows whether a file has changed.
      if (table.paths.some(isRemote)) return undefined;
      const known: (KnownTable & { readonly origin: string })[] = [];
      const searched = new Set<string>();
      for (const file of await findAll(table, context, searched)) {
        const content = await knownContent(readFile(file, table), context);
        if (!content) return undefined;
        known.push({ ...content, origin: file.origin });
      }
      return joinKnown(known, searched, table.sourceFile ?? true);
    },
  };
}

/** What the user wrote, for messages: addresses without what may be secret. */
function nameOf(table: FileTableSettings): string {
  return table.paths.map((path) => (isRemote(path) ? remoteFile(path, table).origin : path)).join(', ');
}

async function openFile(
  found: FoundFile,
  table: FileTableSettings,
  context: SourceContext,
): Promise<SourceTable> {
  const { open, isSeeking } = fileFormats[table.format];
  return openFileTable(readFile(found, table), context, async () => {
    const file = isSeeking ? await unpacked(found, context) : found;
    try {
      return {
        ...(await open(file.path, file.origin, table, context.signal)),
        close: async () => file.close?.(),
      };
    } catch (cause) {
      file.close?.();
      throw cause;
    }
  });
}

/** A file, and what of its table's settings says how it is read. */
function readFile({ path, origin }: FoundFile, table: FileTableSettings): ReadFile {
  const { paths: _, headers: __, giveUpAfter: ___, sourceFile: ____, ...settings } = table;
  return { path, origin, settings };
}

/** The files that a path means, in order; one at an address is brought here first. */
/** Each file once, however many patterns it matches, in the order of the patterns. */
async function findAll(
  table: FileTableSettings,
  context: SourceContext,
  searched?: Set<string>,
): Promise<Iterable<FoundFile>> {
  const found = new Map<string, FoundFile>();
  for (const path of table.paths)
    for (const file of await findFiles(path, table, context, searched)) found.set(file.path, file);
  return found.values();
}

async function findFiles(
  pattern: string,
  table: FileTableSettings,
  context: SourceContext,
  searched?: Set<string>,
): Promise<readonly FoundFile[]> {
  if (isRemote(pattern)) return [await download(remoteFile(pattern, table), context)];
  const { projectDir } = context;
  const found = search(pattern, projectDir, searched);
  if (found.length === 0 || !existsSync(found[0]!)) {
    throw new MedallionError('MDL3001', {
      message: found.length === 0 ? `No file matches ${pattern}.` : `There is no file ${pattern}.`,
      hint: `Paths are relative to the project's folder; * and ? stand for characters of a name, ** for folders.`,
    });
  }
  return found.map((path) => ({ path, origin: relative(projectDir, path).replaceAll('\\', '/') }));
}

function search(pattern: string, projectDir: string, searched?: Set<string>): readonly string[] {
  try {
    return matchFiles(pattern, projectDir, searched);
  } catch (cause) {
    throw unreadable(pattern, cause);
  }
}
