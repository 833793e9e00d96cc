/** How a file writes its rows: settled once, when the file is opened. */
export interface Dialect {
  readonly delimiter: string;
  readonly quote: string;
  /** Byte that ends a line: LF (also in CRLF), or CR where a file has no LF at all. */
  readonly newline: 10 | 13;
  /** A Postgres encoding name that COPY converts from. */
  readonly encoding: 'UTF8' | 'WIN1252' | 'LATIN1';
  readonly nullText: string;
}

const delimiters = [',', ';', '\t', '|'];

/** The delimiter that the first record has most of, outside quotes; a comma where none is found. */
export function detectDelimiter(firstRecord: string, quote: string): string {
  const counts = new Map(delimiters.map((delimiter) => [delimiter, 0]));
  let inQuotes = false;
  for (const character of firstRecord) {
    if (character === quote) inQuotes = !inQuotes;
    else if (!inQuotes && counts.has(character)) counts.set(character, counts.get(character)! + 1);
  }
  return delimiters.reduce((best, delimiter) =>
    counts.get(delimiter)! > counts.get(best)! ? delimiter : best,
  );
}

/** A byte order mark at the beginning of a file. */
export function detectMark(
  sample: Buffer,
): { readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be'; readonly bytes: number } | undefined {
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (sample[0] === 0xff && sample[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (sample[0] === 0xfe && sample[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return undefined;
}

/** Whether a sample is UTF-8; a character that the end of the sample cuts in two does not count. */
export function looksLikeUtf8(sample: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Bytes that mean nothing in windows-1252; Postgres refuses them. */
export const undefinedInWindows1252 = /[\x81\x8d\x8f\x90\x9d]/;
