import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { ask } from '../../app/http.ts';
import { parseRows, type Row } from './exact-json.ts';
import { addressOf } from './request.ts';
import { figureNames, isFigure, isSameSort, type View } from './view.ts';
import { writeFilter } from './written.ts';

/** Groups that are read at most: all of them, as the API does not sort by their figures. */
export const maxGroups = 50_000;
/** Up to here rows are counted one by one; of more, the planner's guess is told. */
const maxCounted = 1_000_000;

/**
 * How many rows the filters let through: first as the planner thinks, which is at once; then counted, where that is not dear.
 * @throws HttpError
 */
export async function countRows(
  relation: ProjectRelation,
  view: View,
  maxRows: number | null,
  signal: AbortSignal,
  tell: (total: number, isExact: boolean) => void,
): Promise<void> {
  const url = addressOf(relation, [['select', ''], ...view.filters.map(writeFilter), ['limit', '1']]);
  const count = async (how: 'estimated' | 'exact') => {
    const headers = { 'accept-profile': relation.schema, prefer: `count=${how}` };
    const response = await ask(url, { method: 'HEAD', headers, signal });
    return Number(response.headers.get('content-range')?.split('/')[1]);
  };
  const estimated = await count('estimated');
  // The API itself counts what it takes for a page.
  const isExact = estimated <= (maxRows ?? 1000);
  tell(estimated, isExact);
  if (!isExact && estimated <= maxCounted) tell(await count('exact'), true);
}

/**
 * All groups of a view, sorted.
 * @throws HttpError
 */
export async function readGroups(
  address: string,
  view: View,
  relation: ProjectRelation,
  maxRows: number | null,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly Row[]; readonly isCut: boolean }> {
  const rows: Row[] = [];
  const size = Math.min(maxRows ?? maxGroups, maxGroups);
  for (;;) {
    const url = `${address}&limit=${size}${rows.length > 0 ? `&offset=${rows.length}` : ''}`;
    const response = await ask(url, { headers: { 'accept-profile': relation.schema }, signal });
    const part = parseRows(await response.text());
    rows.push(...part);
    if (part.length < size || rows.length >= maxGroups)
      return { rows: sorted(rows, view, relation), isCut: part.length >= size };
  }
}

/** As Postgres would: what is null last upward; downward last too, as it is asked to be. */
function sorted(rows: readonly Row[], { sort, group }: View, relation: ProjectRelation): readonly Row[] {
  if (!group || !sort.some(({ by }) => isFigure(by))) return rows;
  const names = figureNames(group, relation);
  const isNumber = (column: string | null) =>
    column === null || relation.columns.some(({ name, kind }) => name === column && kind === 'number');
  const terms = sort.map(({ by, isDescending }) => ({
    name: isFigure(by) ? names[group.figures.findIndex((figure) => isSameSort(figure, by))]! : by.column,
    isNumber: isNumber(by.column) || (isFigure(by) && by.aggregate === 'count'),
    sign: isDescending ? -1 : 1,
  }));
  return rows.toSorted((one, other) => {
    for (const { name, isNumber, sign } of terms) {
      const [a, b] = [one[name], other[name]];
      if (a === b) continue;
      if (a === null || b === null) return a === null ? 1 : -1;
      const difference = isNumber ? Number(a) - Number(b) : String(a).localeCompare(String(b));
      if (difference !== 0) return sign * difference;
    }
    return 0;
  });
}
