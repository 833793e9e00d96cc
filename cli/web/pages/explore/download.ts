import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { ask } from '../../app/http.ts';
import { publishes } from '../../app/project.ts';
import { addressOf, parametersOf } from './request.ts';
import type { View } from './view.ts';

export type FileFormat = 'csv' | 'json';
export const mediaTypes: Readonly<Record<FileFormat, string>> = { csv: 'text/csv', json: 'application/json' };

/**
 * All rows of a view, on whatever page it is, as the API writes them: as many answers as it takes, put together without being read. What was published
 * meanwhile would mix old rows with new ones: then it begins anew.
 * @param maxRows of one answer
 * @throws HttpError; AbortError
 */
export async function readWhole(
  view: View,
  relation: ProjectRelation,
  format: FileFormat,
  maxRows: number | null,
  signal: AbortSignal,
  tell: (rows: number) => void,
): Promise<string> {
  const address = addressOf(relation, parametersOf(view, relation));
  const headers = { 'accept-profile': relation.schema, accept: mediaTypes[format] };
  for (;;) {
    const version = publishes.value;
    const parts: string[] = [];
    let rows = 0;
    let isWhole = false;
    while (!isWhole && version === publishes.value) {
      const page =
        maxRows === null ? '' : `${address.includes('?') ? '&' : '?'}limit=${maxRows}&offset=${rows}`;
      const response = await ask(address + page, { headers, signal });
      const text = await response.text();
      // `200-399/*`; `*/*` where there are none.
      const range = /^(\d+)-(\d+)\//.exec(response.headers.get('content-range') ?? '');
      const came = range ? Number(range[2]) - Number(range[1]) + 1 : 0;
      if (parts.length === 0 || came > 0)
        parts.push(format === 'csv' ? csvPart(text, rows > 0) : jsonPart(text));
      rows += came;
      tell(rows);
      isWhole = maxRows === null || came < maxRows;
    }
    if (isWhole) return format === 'csv' ? parts.join('') : `[${parts.filter(Boolean).join(',\n ')}]\n`;
  }
}

/** Rows of CSV that end in a line break; all parts but the first without their head. */
function csvPart(text: string, isFurther: boolean): string {
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  if (!isFurther) return whole;
  let isQuoted = false;
  for (let at = 0; at < whole.length; at++) {
    if (whole[at] === '"') isQuoted = !isQuoted;
    else if (whole[at] === '\n' && !isQuoted) return whole.slice(at + 1);
  }
  return '';
}

/** What stands within the brackets of a list. */
function jsonPart(text: string): string {
  return text.trim().slice(1, -1);
}
