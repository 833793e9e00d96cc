import { openCsvTable } from '../csv/table.js';
import { openJson } from './json/open.js';
import type { FileFormat, OpenFile } from './options.js';

interface Format {
  readonly open: OpenFile;
  /** It is read here and there, so it cannot be unpacked on the way. */
  readonly isSeeking?: boolean;
}

/** How each format is opened. */
export const fileFormats: Readonly<Record<FileFormat, Format>> = {
  csv: { open: openCsvTable },
  json: { open: openJson },
  parquet: {
    open: async (...file) => (await import('./parquet/open.js')).openParquet(...file),
    isSeeking: true,
  },
  excel: {
    open: async (...file) => (await import('./excel/open.js')).openExcel(...file),
    isSeeking: true,
  },
};
