import { existsSync, readdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { didYouMean, MedallionError } from '../../errors/index.js';
import { unreadable } from '../bytes.js';
import { openFileTable } from '../file-table.js';
import { knownContent, type ReadFile } from '../known-content.js';
import type { Source, SourceContext } from '../source.js';
import type { CsvFormat } from './open.js';
import { checkCsvFormat, openCsvTable } from './table.js';

export interface CsvOptions extends CsvFormat {
  /** Folder of the files, relative to the project: table `clientes` is `clientes.csv`, `.tsv`, `.csv.gz` or `.tsv.gz` in it. */
  readonly dir: string;
}

const endings = ['.csv', '.tsv', '.csv.gz', '.tsv.gz'];

/** A folder of CSV files as a source: `csv({ dir: 'seeds' })`. */
export function csv(options: CsvOptions): Source {
  checkCsvFormat('csv({ ... })', options);
  const folder = (context: SourceContext) => resolve(context.projectDir, options.dir);
  return {
    kind: 'csv',
    async tables(context) {
      return listTables(folder(context), options.dir);
    },
    async open(table, context) {
      const file = findFile(table, context);
      return openFileTable(file, context, () => openCsvTable(file.path, file.origin, options));
    },
    async known(table, context) {
      const known = await knownContent(findFile(table, context), context);
      return known && { ...known, paths: [...known.paths, folder(context)] };
    },
  };

  /** @throws MedallionError MDL3001 */
  function findFile(table: string, context: SourceContext): ReadFile {
    const dir = folder(context);
    const ending = endings.find((candidate) => existsSync(`${dir}/${table}${candidate}`));
    if (!ending) {
      throw new MedallionError('MDL3001', {
        message: `There is no file ${options.dir}/${table}.csv (nor .tsv, .csv.gz, .tsv.gz).`,
        hint: didYouMean(table, existsSync(dir) ? listTables(dir, options.dir) : []),
      });
    }
    const path = `${dir}/${table}${ending}`;
    const { dir: _, ...settings } = options;
    return { path, origin: relative(context.projectDir, path).replaceAll('\\', '/'), settings };
  }
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
