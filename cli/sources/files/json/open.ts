import { statSync } from 'node:fs';
import { detectMark, packingOf, readSample } from '../../bytes.js';
import { recordTable } from '../../records/define-source.js';
import { badFile } from '../bad-file.js';
import type { OpenFile } from '../options.js';
import type { CutRecord, JsonPosition } from './cut.js';
import { cutRecords, type JsonFile, readPages } from './pages.js';
import { fieldNames, parseRecord } from './record.js';

/**
 * Opens a JSON file: an array of objects, or one object on each line. Without `columns` all of it is looked through for its fields.
 * @throws MedallionError MDL3002 (unreadable), MDL3009 (no JSON, or cut off)
 */
export const openJson: OpenFile = async (path, origin, settings, signal) => {
  const file = await look(path, origin);
  const columns = settings.columns ?? (await findFields(file, signal));
  let bytesRead = 0;
  const { fingerprint: _, ...table } = recordTable({
    origin,
    columns,
    read: ({ after, batchRows, signal: aborted }) =>
      readPages(file, {
        from: (after as JsonPosition | undefined) ?? file.start,
        rows: batchRows,
        fields: settings.columns,
        signal: aborted,
        onFileBytes: (bytes) => {
          bytesRead = bytes;
        },
      }),
  });
  return {
    ...table,
    readAs: { columns: settings.columns ? [...settings.columns] : null },
    totalBytes: statSync(path).size,
    bytesRead: () => bytesRead,
  };
};

async function look(path: string, origin: string): Promise<JsonFile> {
  const packing = packingOf(path, origin);
  const raw = await readSample({ path, origin, packing, decode: undefined });
  const encoding = detectMark(raw)?.encoding;
  const decode = encoding === 'utf-8' ? undefined : encoding;
  const sample = decode ? await readSample({ path, origin, packing, decode }) : raw;
  const bytes = detectMark(sample)?.bytes ?? 0;
  return {
    path,
    origin,
    packing,
    decode,
    isArray: /^\s*\[/.test(sample.toString('latin1', bytes)),
    start: { bytes, line: 1 },
  };
}

/** The columns that a Postgres table can have, less those of Medallion. */
const mostFields = 1590;

/** Every field of every record, in the order in which they turn up. */
async function findFields(file: JsonFile, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const found = new Set<string>();
  let first: CutRecord | undefined;
  for await (const records of cutRecords(file, file.start, { signal })) {
    first ??= records[0];
    for (const { bytes, line } of records) {
      for (const name of fieldNames(bytes)) if (name.isWellFormed()) found.add(name);
      if (found.size > mostFields)
        throw badFile(
          file.origin,
          { line },
          `up to here the objects have ${found.size} different fields, more than a table can have columns`,
          'Name the fields that you need: { path: ..., columns: ["..."] }.',
        );
    }
  }
  if (found.size === 0 && first) {
    const parsed = parseRecord(first.bytes);
    const problem = 'reason' in parsed ? parsed.reason : 'the objects have no fields';
    throw badFile(
      file.origin,
      { line: first.line },
      problem,
      'A JSON file is an array of objects, or one object on each line.',
    );
  }
  return [...found];
}
