import { openCsvTable } from '../csv/table.js';
import { openJson } from './json/open.js';
import type { FileFormat, OpenFile } from './options.js';

/** How each format is opened. */
export const fileFormats: Readonly<Record<FileFormat, OpenFile>> = {
  csv: openCsvTable,
  json: openJson,
};
