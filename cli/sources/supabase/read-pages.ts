import { MedallionError } from '../../errors/index.js';
import type { Page } from '../records/batches.js';
import type { ReadOptions } from '../source.js';
import { inOrder, type Part } from './in-order.js';
import { isBoundByRowSecurity, keyRole } from './key-role.js';
import type { Place } from './keyset.js';
import { type KeyedPage, placeFurther, type Reading, readRange } from './read-range.js';

/** Where reading goes on, as a load keeps it. */
interface Position {
  /** The server, schema and table, and the columns in whose order rows were read. */
  readonly of: string;
  readonly by: readonly string[];
  readonly at: Place;
}

/** Pages that are read one after the other, before it is worth while to read ranges side by side. */
const pagesInARow = 3;
/** A range has several pages, as finding out where it ends takes a request too; but it must not fill the memory. */
const pagesOfRange = 5;
const rowsOfRange = 10_000;

/**
 * Reads what is new by a cursor: first the rows that have no value in it, in the order of the key, as they may be new too; then those from the value on. A row that
 * gets its value meanwhile is read twice, and not missed.
 * @param from as of `readPages`
 * @throws what `readPages` throws
 */
export async function* readSince(
  reading: Reading,
  since: NonNullable<ReadOptions['since']>,
  from: unknown,
): AsyncGenerator<Page> {
  const { order: key } = reading;
  const order = [since.column, ...key.filter((name) => name !== since.column)];
  const isBehindNulls = from !== undefined && (from as Position).by.join() === order.join();
  if (!isBehindNulls && !key.includes(since.column))
    yield* readPages({ ...reading, since: { column: since.column, value: null } }, from);
  yield* readPages({ ...reading, order, since }, isBehindNulls ? from : undefined);
}

/**
 * Reads a table in the order of its key.
 * @param from the position behind a row, from `nextAfter` or `next` of a page before
 * @throws MedallionError MDL3002 when the position is one of another server or order; MDL3021, MDL3022, MDL3023
 */
export async function* readPages(reading: Reading, from: unknown): AsyncGenerator<Page> {
  const { origin, order } = reading;
  const after = from === undefined ? undefined : placeIn(from as Position, reading);
  const position = (page: KeyedPage, index: number): Position => ({
    of: origin,
    by: order,
    at: page.placeOf(page.rows.at(index)!),
  });
  let isEmpty = true;
  for await (const page of readFrom(reading, after)) {
    isEmpty = false;
    yield {
      rows: page.rows,
      next: position(page, -1),
      nextAfter: (index) => position(page, index),
    };
  }
  if (isEmpty && after === undefined && !reading.since) tellOfRowSecurity(reading);
}

async function* readFrom(reading: Reading, after: Place | undefined): AsyncGenerator<KeyedPage> {
  const { parallel } = reading.rest.settings;
  const inARow = readRange(reading, { after, upTo: undefined });
  let last = after;
  for (let pages = 0; parallel === 1 || pages < pagesInARow; pages++) {
    const { value: page, done } = await inARow.next();
    if (done) return;
    yield page;
    last = page.placeOf(page.rows.at(-1)!);
  }
  yield* inOrder(rangesFrom(reading, last), parallel, reading.signal);
}

/**
 * Cuts the rest of a table into ranges. The server itself says where one ends, whatever the type of the key: the row so many rows further. That row may
 * go away or others may come meanwhile; ranges stay what they are, and together they are everything.
 */
function rangesFrom(
  reading: Reading,
  start: Place | undefined,
): (signal: AbortSignal) => Promise<Part<KeyedPage> | undefined> {
  let after = start;
  let isWhole = false;
  return async (signal) => {
    if (isWhole) return undefined;
    const given = reading.size.given();
    const rows = Math.max(given, Math.min(given * pagesOfRange, rowsOfRange));
    const range = { after, upTo: await placeFurther({ ...reading, signal }, after, rows) };
    isWhole = range.upTo === undefined;
    after = range.upTo;
    return (own) => readRange({ ...reading, signal: own }, range);
  };
}

function placeIn({ of, by, at }: Position, { origin, order }: Reading): Place {
  if (of === origin && by.join() === order.join()) return at;
  throw new MedallionError('MDL3002', {
    message: `An interrupted load read ${of} by ${by.join(', ')}, so it cannot go on with ${origin} by ${order.join(', ')}.`,
    hint: 'Put the source back as it was, or drop what it had loaded: npx mdl clean',
  });
}

/** No rows may mean no rights. */
function tellOfRowSecurity({ rest, origin, notify }: Reading): void {
  const { key } = rest.settings;
  if (!isBoundByRowSecurity(key)) return;
  notify?.({
    message: `${origin} gave no rows to a key of the role ${keyRole(key) ?? 'unknown'}: it is empty, or row-level security hides its rows.`,
    hint: 'Use a secret key (service_role), which sees all rows, or a policy that lets the role read them.',
  });
}
