/** How a file writes its rows: settled once, when the file is opened. */
export interface Dialect {
  readonly delimiter: string;
  readonly quote: string;
  /** Byte that ends a line: LF (also in CRLF), or CR where a file has no LF outside of quotes. */
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

/** The byte that ends a sample's lines. What is in quotes is part of a field; a quote opens only where a field may begin. */
export function detectNewline(sample: Buffer, quote: string, delimiter: string | undefined): 10 | 13 {
  if (!sample.includes(13)) return 10;
  if (!sample.includes(10)) return 13;
  const quoteByte = quote.charCodeAt(0);
  const fieldEnds = new Set(Buffer.from(`\r\n${delimiter ?? delimiters.join('')}`, 'latin1'));
  let mayOpen = true;
  let inQuotes = false;
  let sawCr = false;
  for (const byte of sample) {
    if (byte === quoteByte && (mayOpen || inQuotes)) {
      inQuotes = !inQuotes;
      // Two in a row stand for one in the field.
      mayOpen = true;
    } else if (!inQuotes) {
      if (byte === 10) return 10;
      sawCr ||= byte === 13;
      mayOpen = fieldEnds.has(byte);
    }
  }
  return sawCr ? 13 : 10;
}

/** Excel's first line `sep=;`, which says how the fields are parted and is no row: the delimiter, and the line's bytes. */
export function separatorLine(sample: Buffer): { delimiter: string; bytes: number } | undefined {
  const [line, delimiter] =
    /^"?sep=([^\w"\r\n \x80-\xff])"?(?:\r\n|\r|\n)/i.exec(sample.toString('latin1', 0, 12)) ?? [];
  return delimiter === undefined ? undefined : { delimiter, bytes: line!.length };
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
