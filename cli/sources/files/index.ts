import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { didYouMean, MedallionError } from '../../errors/index.js';
import { unreadable } from '../bytes.js';
import type { Source, SourceContext } from '../source.js';
import { fileFormats } from './formats.js';
import { matchFiles } from './glob.js';
import { joinFiles } from './join.js';
import { type FilesOptions, type FileTableSettings, settleFileTable } from './options.js';

/**
 * Files as a source: CSV and JSON, one by one or by pattern, packed with gzip or zstd or not:
 * `files({ tables: { events: 'exports/*.jsonl.gz' } })`.
 */
export function files(options: FilesOptions): Source {
  const tables = new Map(
    Object.entries(options.tables).map(([name, given]) => [name, settleFileTable(name, given)]),
  );
  return {
    kind: 'files',
    tables: async () => [...tables.keys()],
    async open(name, context) {
      const table = tables.get(name);
      if (!table) {
        throw new MedallionError('MDL3001', {
          message: `files({ ... }) has no table "${name}".`,
          hint: didYouMean(name, [...tables.keys()]),
        });
      }
      const opened = [];
      for (const { path, origin } of findFiles(table, context))
        opened.push(await fileFormats[table.format](path, origin, table, context.signal));
      return joinFiles(table.paths.join(', '), opened, table.sourceFile ?? true);
    },
  };
}

interface FoundFile {
  readonly path: string;
  readonly origin: string;
}

function findFiles({ paths }: FileTableSettings, { projectDir }: SourceContext): readonly FoundFile[] {
  return paths.flatMap((pattern) => {
    const found = search(pattern, projectDir);
    if (found.length === 0 || !existsSync(found[0]!)) {
      throw new MedallionError('MDL3001', {
        message: found.length === 0 ? `No file matches ${pattern}.` : `There is no file ${pattern}.`,
        hint: `Paths are relative to the project's folder; * and ? stand for characters of a name, ** for folders.`,
      });
    }
    return found.map((path) => ({ path, origin: relative(projectDir, path).replaceAll('\\', '/') }));
  });
}

function search(pattern: string, projectDir: string): readonly string[] {
  try {
    return matchFiles(pattern, projectDir);
  } catch (cause) {
    throw unreadable(pattern, cause);
  }
}
