import { separator } from '../query/statement.js';
import type { ResultRow } from './execute.js';
import type { Media } from './media.js';

/** The batches of a result as the text of a body. Rows of null stand for no row. */
export async function* bodyOf(
  batches: AsyncIterable<readonly ResultRow[]> | Iterable<readonly ResultRow[]>,
  columns: readonly string[],
  { format }: Media,
): AsyncGenerator<string> {
  if (format === 'csv') {
    yield columns.map(csvCell).join(',');
    for await (const batch of batches) {
      const lines = rowsOf(batch).map(
        (row) => `\n${(JSON.parse(row) as (string | null)[]).map(csvCell).join(',')}`,
      );
      if (lines.length > 0) yield lines.join('');
    }
    return;
  }
  const [start, end] = brackets({ format });
  let before = start;
  for await (const batch of batches) {
    const rows = rowsOf(batch);
    if (rows.length === 0) continue;
    yield before + rows.join(separator);
    before = separator;
  }
  yield before === start ? start + end : end;
}

/** What stands around the rows of JSON. */
export function brackets({ format }: Pick<Media, 'format'>): readonly [start: string, end: string] {
  return format === 'geojson' ? ['{"type":"FeatureCollection","features":[', ']}'] : ['[', ']'];
}

export function rowsOf(batch: readonly ResultRow[]): string[] {
  return batch.flatMap(({ row }) => (row === null ? [] : [row]));
}

/** @see https://www.rfc-editor.org/rfc/rfc4180 */
function csvCell(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
