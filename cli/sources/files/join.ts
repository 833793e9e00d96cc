import { MedallionError } from '../../errors/index.js';
import type { Batch, KnownTable, ReadOptions, SourceNotice, SourceTable } from '../source.js';

/** Where a batch of a joined table ends. */
interface JoinedPosition {
  readonly file: number;
  /** The position in that file. */
  readonly after: unknown;
  /** Rows of the files before it. */
  readonly before: number;
  /** Rows up to here, over all files. */
  readonly rows: number;
}

const firstPosition: JoinedPosition = { file: 0, after: undefined, before: 0, rows: 0 };
const wantedOriginColumn = 'source_file';

/**
 * Several files as one table: their rows one file after the other, all of their columns, and which file each row is from.
 * @param origin for messages: what the user wrote
 * @param withOrigin whether rows get a column `source_file`
 * @throws MedallionError MDL3003 when no file has a column
 */
export function joinFiles(origin: string, files: readonly SourceTable[], withOrigin: boolean): SourceTable {
  const { columns, originColumn } = joinColumns(files, withOrigin);
  if (columns.length === 0) {
    throw new MedallionError('MDL3003', {
      message: `${origin} has no rows, so its columns are not known.`,
      where: { file: files[0]!.origin },
      hint: 'Wait for rows, or name the columns: { path: ..., columns: ["..."] }.',
    });
  }
  const notices = [...files.flatMap((file) => file.notices), ...differences(origin, files, columns)];
  if (originColumn !== undefined && originColumn !== wantedOriginColumn)
    notices.push({
      message: `${origin} has a column "${wantedOriginColumn}" of its own; which file a row is from stands in "${originColumn}".`,
    });
  let current = 0;
  const bytesBefore = (index: number) => sum(files.slice(0, index).map((file) => file.totalBytes ?? 0));
  return {
    origin,
    columns: originColumn === undefined ? columns : [...columns, originColumn],
    originColumn,
    notices,
    totalRows: files.every((file) => file.totalRows !== undefined)
      ? sum(files.map((file) => file.totalRows!))
      : undefined,
    totalBytes: files.every((file) => file.totalBytes !== undefined) ? bytesBefore(files.length) : undefined,
    bytesRead: () => bytesBefore(current) + (files[current]?.bytesRead?.() ?? 0),
    async fingerprint(signal, how) {
      const parts: FilePart[] = [];
      for (const file of files) parts.push([file.origin, await file.fingerprint(signal, how)]);
      return joinedFingerprint(parts, originColumn);
    },
    read: (options) =>
      readJoined(files, options, (index) => {
        current = index;
      }),
  };
}

/** The columns of all files, and the one that says which of them a row is from. */
function joinColumns(files: readonly { readonly columns: readonly string[] }[], withOrigin: boolean) {
  const columns = [...new Set(files.flatMap((file) => file.columns))];
  let originColumn = withOrigin ? wantedOriginColumn : undefined;
  for (let n = 2; originColumn !== undefined && columns.includes(originColumn); n++)
    originColumn = `${wantedOriginColumn}_${n}`;
  return { columns, originColumn };
}

/** A file's origin and its fingerprint. */
type FilePart = readonly [string, unknown];

function joinedFingerprint(files: readonly FilePart[], originColumn: string | undefined) {
  return { files, originColumn: originColumn ?? null };
}

/**
 * The same for files of which is known what they hold.
 * @param searched folders in which they were found
 */
export function joinKnown(
  files: readonly (KnownTable & { readonly origin: string })[],
  searched: Iterable<string>,
  withOrigin: boolean,
): KnownTable {
  const { columns, originColumn } = joinColumns(files, withOrigin);
  return {
    columns: originColumn === undefined ? columns : [...columns, originColumn],
    fingerprint: joinedFingerprint(
      files.map(({ origin, fingerprint }) => [origin, fingerprint]),
      originColumn,
    ),
    paths: [...files.flatMap(({ paths }) => paths), ...searched],
  };
}

async function* readJoined(
  files: readonly SourceTable[],
  options: ReadOptions,
  onFile: (index: number) => void,
): AsyncGenerator<Batch> {
  const start = (options.after as JoinedPosition | undefined) ?? firstPosition;
  let { before, rows } = start;
  for (let index = start.file; index < files.length; index++) {
    onFile(index);
    const file = files[index]!;
    const limit = options.limit === undefined ? undefined : options.limit - before;
    if (limit !== undefined && limit <= 0) return;
    const after = index === start.file ? start.after : undefined;
    // A reader counts from the beginning of its file, also when it goes on in the middle.
    for await (const batch of file.read({ ...options, after: after ?? undefined, limit })) {
      rows = before + batch.firstRow - 1 + batch.read;
      const position: JoinedPosition = { file: index, after: batch.position, before, rows };
      yield {
        ...batch,
        firstRow: before + batch.firstRow,
        columns: file.columns,
        origin: file.origin,
        position: batch.position === null ? null : position,
      };
    }
    before = rows;
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** What is told of files that have not the same columns. */
function differences(
  origin: string,
  files: readonly SourceTable[],
  columns: readonly string[],
): SourceNotice[] {
  const empty = files.filter((file) => file.columns.length === 0);
  const others = files.filter((file) => file.columns.length > 0);
  const known = others.map((file) => new Set(file.columns));
  const gaps = columns.flatMap((column) => {
    const lacking = others.filter((_, i) => !known[i]!.has(column));
    return lacking.length > 0 ? [`"${column}" is not in ${some(lacking)}`] : [];
  });
  const told: SourceNotice[] = [];
  if (empty.length > 0) told.push({ message: `${some(empty)}: no rows.` });
  if (gaps.length > 0) {
    const more = gaps.length > 5 ? `; and so ${gaps.length - 5} more columns` : '';
    told.push({
      message: `The files of ${origin} do not have the same columns: ${gaps.slice(0, 5).join('; ')}${more}. What a file lacks is null in its rows.`,
    });
  }
  return told;
}

function some(files: readonly SourceTable[]): string {
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  return `${files
    .slice(0, 3)
    .map((file) => file.origin)
    .join(', ')}${more}`;
}
