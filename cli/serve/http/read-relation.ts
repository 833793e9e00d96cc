import { Readable } from 'node:stream';
import { allRowsStatement, readStatement } from '../query/statement.js';
import { RequestError } from '../resolve/errors.js';
import type { RowsQuery } from '../resolve/query.js';
import type { Identity } from './auth/identity.js';
import { bodyOf, rowsOf } from './body.js';
import type { Executor, ResultRow } from './execute.js';
import type { Media } from './media.js';
import { mayBeLong, type ReadPlan } from './plan-read.js';
import { contentRange } from './range.js';

export interface ReadResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
}

/**
 * Asks the database for what was planned.
 * @throws RequestError; PostgresError where Postgres refuses the statement
 */
export async function readRelation(
  plan: ReadPlan,
  executor: Executor,
  identity: Identity,
  maxRows: number | undefined,
): Promise<ReadResponse> {
  const { rows, media, headers, offset, format, isSingle } = plan;
  const { isExact, total: expected } = await countOf(executor, plan, identity, maxRows);
  const isLong = mayBeLong(plan);
  const statement = readStatement(rows, { format, countsAll: isExact, countsPage: isLong });
  if (media.plan)
    return { status: 200, headers, body: await executor.explain(statement, identity, media.plan) };
  const batches = executor.rows(statement, { identity, isLong });
  if (isSingle || media.format === 'object') return singular(batches, headers);
  return listing(batches, { rows, media, common: headers, offset, expected, isLong });
}

/** Whether all rows are to be counted, or how many the planner expects. */
async function countOf(
  executor: Executor,
  { rows, preferences: { count } }: ReadPlan,
  identity: Identity,
  maxRows: number | undefined,
): Promise<{ isExact: boolean; total: number | undefined }> {
  if (count === undefined || count === 'exact') return { isExact: count === 'exact', total: undefined };
  const total = await executor.estimate(allRowsStatement(rows), identity);
  return count === 'estimated' && total <= (maxRows ?? 1000)
    ? { isExact: true, total: undefined }
    : { isExact: false, total };
}

/** @throws RequestError PGRST116 unless there is one row */
async function singular(
  batches: AsyncIterable<readonly ResultRow[]>,
  headers: Readonly<Record<string, string>>,
): Promise<ReadResponse> {
  let only: string | undefined;
  let count = 0;
  let total: number | undefined;
  for await (const batch of batches) {
    total ??= batch[0]?.total;
    const rows = rowsOf(batch);
    only ??= rows[0];
    count += rows.length;
  }
  if (only === undefined || count !== 1)
    throw new RequestError(
      406,
      'PGRST116',
      'Cannot coerce the result to a single JSON object',
      `The result contains ${count} rows`,
    );
  return { status: 200, headers: { ...headers, 'content-range': `0-0/${total ?? '*'}` }, body: only };
}

interface Listing {
  readonly rows: RowsQuery;
  readonly media: Media;
  readonly common: Readonly<Record<string, string>>;
  readonly offset: number;
  /** The number of all rows as the planner expects it. */
  readonly expected: number | undefined;
  /** More rows than a batch may come. */
  readonly isLong: boolean;
}

/** A result of one batch is sent whole; a longer one as it comes. */
async function listing(
  batches: AsyncIterable<readonly ResultRow[]>,
  { rows, media, common, offset, expected, isLong }: Listing,
): Promise<ReadResponse> {
  const iterator = batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  const batch = first.done ? [] : first.value;
  const { header, status } = contentRange(
    offset,
    isLong ? (batch[0]?.rows ?? 0) : rowsOf(batch).length,
    batch[0]?.total ?? expected,
  );
  const columns = rows.outputs.map(({ name }) => name);
  const body = bodyOf(followed(batch, iterator), columns, media);
  return {
    status,
    headers: { ...common, 'content-range': header },
    body: isLong ? Readable.from(body) : await collect(body),
  };
}

async function* followed<Value>(first: Value, rest: AsyncIterator<Value>): AsyncGenerator<Value> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function collect(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}
