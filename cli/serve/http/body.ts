import type { ResultRow } from './execute.js';
import type { Media } from './media.js';

/** The batches of a result as the text of a body. Rows of null stand for no row. */
export async function* bodyOf(
  batches: AsyncIterable<readonly ResultRow[]>,
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
  const isGeo = format === 'geojson';
  const start = isGeo ? '{"type":"FeatureCollection","features":[' : '[';
  const end = isGeo ? ']}' : ']';
  let before = start;
  for await (const batch of batches) {
    const rows = rowsOf(batch);
    if (rows.length === 0) continue;
    yield before + rows.join(',\n ');
    before = ',\n ';
  }
  yield before === start ? start + end : end;
}

export function rowsOf(batch: readonly ResultRow[]): string[] {
  return batch.flatMap(({ row }) => (row === null ? [] : [row]));
}

/** @see https://www.rfc-editor.org/rfc/rfc4180 */
function csvCell(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
