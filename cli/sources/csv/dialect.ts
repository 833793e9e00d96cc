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
