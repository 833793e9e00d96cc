import { Readable } from 'node:stream';
import { RequestError } from '../resolve/errors.js';
import type { RowsQuery } from '../resolve/query.js';
import type { Identity } from './auth/identity.js';
import { bodyOf, brackets, rowsOf } from './body.js';
import type { Executor, ResultRow } from './execute.js';
import type { Media } from './media.js';
import { mayBeLong, type ReadPlan } from './plan-read.js';
import { contentRange } from './range.js';

export interface ReadResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** How many are in it; 0 for a plan. */
  readonly rows: number;
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
  const { rows, media, headers, offset, isSingle } = plan;
  const { isExact, total: expected } = await countOf(executor, plan, identity, maxRows);
  const isLong = mayBeLong(plan);
  const isJoined = !isLong && !isSingle && media.format !== 'csv';
  const statement = plan.statement({ countsAll: isExact, countsPage: isLong, isJoined });
  if (media.plan)
    return { status: 200, headers, rows: 0, body: await executor.explain(statement, identity, media.plan) };
  const page = { media, common: headers, offset, expected };
  if (isLong) return long(executor.batches(statement, identity), rows, page);
  const all = await executor.rows(statement, identity);
  if (isSingle) return singular(all, headers);
  return isJoined ? joined(all[0]!, page) : short(all, rows, page);
}

/** Whether all rows are to be counted, or how many the planner expects. */
async function countOf(
  executor: Executor,
  { estimated, preferences: { count } }: ReadPlan,
  identity: Identity,
  maxRows: number | undefined,
): Promise<{ isExact: boolean; total: number | undefined }> {
  if (count === undefined || count === 'exact') return { isExact: count === 'exact', total: undefined };
  const total = await executor.estimate(estimated(), identity);
  return count === 'estimated' && total <= (maxRows ?? 1000)
    ? { isExact: true, total: undefined }
    : { isExact: false, total };
}

/** @throws RequestError PGRST116 unless there is one row */
function singular(all: readonly ResultRow[], headers: Readonly<Record<string, string>>): ReadResponse {
  const rows = rowsOf(all);
  if (rows.length !== 1)
    throw new RequestError(
      406,
      'PGRST116',
      'Cannot coerce the result to a single JSON object',
      `The result contains ${rows.length} rows`,
    );
  return {
    status: 200,
    headers: { ...headers, 'content-range': `0-0/${all[0]!.total ?? '*'}` },
    rows: 1,
    body: rows[0]!,
  };
}

interface Page {
  readonly media: Media;
  readonly common: Readonly<Record<string, string>>;
  readonly offset: number;
  /** The number of all rows as the planner expects it. */
  readonly expected: number | undefined;
}

/** A page that Postgres has put together. */
function joined(row: ResultRow, { media, common, offset, expected }: Page): ReadResponse {
  const { header, status } = contentRange(offset, row.rows!, row.total ?? expected);
  const [start, end] = brackets(media);
  return {
    status,
    headers: { ...common, 'content-range': header },
    rows: row.rows!,
    body: start + row.row + end,
  };
}

/** A page of one batch is sent whole. */
async function short(
  batch: readonly ResultRow[],
  rows: RowsQuery,
  { media, common, offset, expected }: Page,
): Promise<ReadResponse> {
  const count = rowsOf(batch).length;
  const { header, status } = contentRange(offset, count, batch[0]?.total ?? expected);
  const body = await collect(bodyOf([batch], columnsOf(rows), media));
  return { status, headers: { ...common, 'content-range': header }, rows: count, body };
}

/** A longer one as it comes. */
async function long(
  batches: AsyncIterable<readonly ResultRow[]>,
  rows: RowsQuery,
  { media, common, offset, expected }: Page,
): Promise<ReadResponse> {
  const iterator = batches[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    const batch = first.done ? [] : first.value;
    const count = batch[0]?.rows ?? 0;
    const { header, status } = contentRange(offset, count, batch[0]?.total ?? expected);
    const body = Readable.from(bodyOf(followed(batch, iterator), columnsOf(rows), media));
    // A generator that nobody has begun to read does not end by itself.
    body.once('close', () => iterator.return?.());
    return { status, headers: { ...common, 'content-range': header }, rows: count, body };
  } catch (error) {
    // A range that cannot be given leaves rows behind, and a connection that waits for someone to take them.
    await iterator.return?.();
    throw error;
  }
}

function columnsOf({ outputs }: RowsQuery): string[] {
  return outputs.map(({ name }) => name);
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
