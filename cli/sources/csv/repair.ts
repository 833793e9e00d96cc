import { isUtf8 } from 'node:buffer';
import type { RejectedRow } from '../source.js';
import { type Dialect, undefinedInWindows1252 } from './dialect.js';

export interface Repaired {
  readonly read: number;
  readonly chunks: readonly Buffer[];
  readonly rejected: readonly RejectedRow[];
}

/**
 * Looks at records one by one: what fits is written anew in a form that COPY takes, the rest is rejected with its reason.
 * A quote inside an unquoted field is taken as it stands; blank lines are skipped.
 * @param firstLine line of the file on which `bytes` begin, from 1
 */
export async function repairRecords(
  bytes: Buffer,
  firstLine: number,
  columns: number,
  dialect: Dialect,
): Promise<Repaired> {
  const { parse } = await import('csv-parse/sync');
  const { delimiter, quote, nullText } = dialect;
  const broken: RejectedRow[] = [];
  // Latin-1 maps every byte to one character and back: the parser sees text, and no byte is lost.
  const parsed = parse(bytes.toString('latin1'), {
    delimiter,
    quote,
    escape: quote,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    // The same line ends as the scanner knows, so that both see the same records.
    record_delimiter: dialect.newline === 13 ? ['\r'] : ['\r\r\n', '\r\n', '\n'],
    skip_records_with_error: true,
    on_skip(error, raw) {
      broken.push({
        line: firstLine + Number(error?.lines ?? 1) - 1,
        reason: `not readable as CSV: ${error?.message}`,
        raw: displayText(String(raw ?? ''), dialect),
      });
      return undefined;
    },
    info: true,
    raw: true,
    cast: (value, context) => (value === nullText && !context.quoting ? null : value),
  }) as unknown as { info: { lines: number }; raw: string; record: (string | null)[] }[];
  const good: string[] = [];
  const rejected: RejectedRow[] = [];
  let line = firstLine;
  for (const { info, raw, record } of parsed) {
    const reason = rejectionReason(record, columns, dialect);
    if (reason === undefined) good.push(encodeRecord(record, dialect));
    else {
      const shown = raw.replace(/^[\r\n]+|[\r\n]+$/g, '');
      const newlines = shown.split('\n').length - 1;
      rejected.push({
        line: Math.max(line, firstLine + info.lines - 1 - newlines),
        reason,
        raw: displayText(shown, dialect),
      });
    }
    line = firstLine + info.lines;
  }
  return {
    read: parsed.length + broken.length,
    chunks: good.length > 0 ? [Buffer.from(good.join(''), 'latin1')] : [],
    rejected: [...rejected, ...broken],
  };
}

function rejectionReason(
  record: readonly (string | null)[],
  columns: number,
  dialect: Dialect,
): string | undefined {
  if (record.length !== columns)
    return `${record.length} field${record.length === 1 ? '' : 's'} where the header has ${columns}`;
  for (const [i, field] of record.entries()) {
    if (field === null) continue;
    if (field.includes('\u0000'))
      return `field ${i + 1} contains a NUL byte, which Postgres text cannot hold`;
    if (dialect.encoding === 'UTF8' && !isUtf8(Buffer.from(field, 'latin1')))
      return `field ${i + 1} is not valid UTF-8`;
    if (dialect.encoding === 'WIN1252' && undefinedInWindows1252.test(field))
      return `field ${i + 1} has a byte that windows-1252 does not define`;
  }
  return undefined;
}

function encodeRecord(record: readonly (string | null)[], { delimiter, quote, nullText }: Dialect): string {
  return `${record.map((field) => (field === null ? nullText : quote + field.replaceAll(quote, quote + quote) + quote)).join(delimiter)}\n`;
}

/** A rejected row as text for people, at most 10,000 characters. */
export function displayText(latin1: string, dialect: Pick<Dialect, 'encoding'>): string {
  const bytes = Buffer.from(latin1.slice(0, 10_000), 'latin1');
  const text =
    dialect.encoding === 'UTF8' ? bytes.toString('utf8') : new TextDecoder('windows-1252').decode(bytes);
  return text.replaceAll('\u0000', '\u2400');
}
