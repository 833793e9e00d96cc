import { RequestError } from '../resolve/errors.js';

export interface RowRange {
  readonly limit: number | undefined;
  readonly offset: number;
}

/**
 * Meets `limit` and `offset` of a URL with the header `Range: 0-9`, counted in rows: what both allow.
 * @throws RequestError PGRST103
 */
export function meetRange(
  header: string | undefined,
  asked: { limit: number | undefined; offset: number | undefined },
): RowRange {
  const found = /^(?:items=)?(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const offset = asked.offset ?? 0;
  if (!found || (found[1] === '' && found[2] === '')) return { limit: asked.limit, offset };
  const first = Number(found[1] || 0);
  const last = found[2] === '' ? undefined : Number(found[2]);
  if (last !== undefined && last < first)
    throw notSatisfiable(
      'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
    );
  const start = Math.max(first, offset);
  const end = Math.min(
    last === undefined ? Number.POSITIVE_INFINITY : last + 1,
    asked.limit === undefined ? Number.POSITIVE_INFINITY : offset + asked.limit,
  );
  return { limit: end === Number.POSITIVE_INFINITY ? undefined : Math.max(0, end - start), offset: start };
}

export function notSatisfiable(details: string): RequestError {
  return new RequestError(416, 'PGRST103', 'Requested range not satisfiable', details);
}

/** `Content-Range` and the status that goes with it. @throws RequestError PGRST103 when the rows begin behind the last one */
export function contentRange(
  offset: number,
  rows: number,
  total: number | undefined,
): { header: string; status: 200 | 206 } {
  if (total !== undefined && offset > 0 && offset > total)
    throw notSatisfiable(`An offset of ${offset} was requested, but there are only ${total} rows.`);
  const range = rows === 0 ? '*' : `${offset}-${offset + rows - 1}`;
  return { header: `${range}/${total ?? '*'}`, status: total !== undefined && rows < total ? 206 : 200 };
}
