import { MedallionError } from '../../errors/index.js';
import type { ReadOptions } from '../source.js';
import { columnName, filterAfter, filterUpTo, type Place } from './keyset.js';
import type { PageSize } from './page-size.js';
import type { Persistent } from './persist.js';
import type { Answer, Rest } from './rest.js';

/** A table being read, and how. */
export interface Reading {
  readonly rest: Rest;
  readonly server: Persistent;
  readonly table: string;
  /** For messages. */
  readonly origin: string;
  readonly columns: readonly string[];
  /** Those whose order rows are read in; together they are unique. */
  readonly order: readonly string[];
  /** Only rows whose column has at least this value; null: only those that have none. */
  readonly since: { readonly column: string; readonly value: string | null } | undefined;
  readonly size: PageSize;
  readonly signal: AbortSignal;
  readonly notify: ReadOptions['notify'];
}

/** Rows behind one place, up to another one and itself; from the beginning, to the end. */
export interface Range {
  readonly after: Place | undefined;
  readonly upTo: Place | undefined;
}

export type Row = Readonly<Record<string, unknown>>;

/** Some rows, and where they lie. */
export interface KeyedPage {
  readonly rows: readonly Row[];
  placeOf(row: Row): Place;
}

/** Names of fields in answers: short, as they come with each row. */
export const fieldNames = (columns: readonly string[]): string[] => columns.map((_, i) => `c${i}`);

/**
 * Reads a range page by page. A short page is never taken for the end: only nothing at all behind the last row is.
 * Each page begins with the last row of the one before: were two rows alike in the order, one of them could fall between two pages.
 * @throws MedallionError MDL3023 when the order is not unique, MDL3022, MDL3021
 */
export async function* readRange(reading: Reading, range: Range): AsyncGenerator<KeyedPage> {
  const { placeOf, select } = fields(reading);
  let last = range.after;
  let inclusive = last !== undefined;
  for (;;) {
    const { rows: got } = await askPage(reading, { select, after: last, inclusive, upTo: range.upTo });
    const rows = last === undefined ? got : withoutFirst(got, last, placeOf, reading);
    refuseRepeated(rows, placeOf, reading);
    if (rows.length === 0) {
      // Nothing, or the row that was there before: a server that gives short pages may have kept back others.
      if (!inclusive) return;
      inclusive = false;
      continue;
    }
    yield { rows, placeOf };
    last = placeOf(rows.at(-1)!);
    // Another row like this one would be found by who reads on from here.
    if (range.upTo && same(last, range.upTo)) return;
    inclusive = true;
  }
}

/**
 * The place of the row that stands a number of rows behind another one: where a range may end.
 * @returns undefined when there are not that many
 */
export async function placeFurther(
  reading: Reading,
  after: Place | undefined,
  rows: number,
): Promise<Place | undefined> {
  const { placeOf, selectOrder } = fields(reading);
  const answer = await askPage(reading, { select: selectOrder, after, inclusive: false, skip: rows - 1 });
  return answer.rows[0] && placeOf(answer.rows[0]);
}

/** Every value as Postgres prints it: numbers of JSON would lose digits. */
function fields({ columns, order }: Reading) {
  const names = fieldNames(columns);
  const field = (column: string) => names[columns.indexOf(column)]!;
  const select = (wanted: readonly string[]) =>
    wanted.map((column) => `${field(column)}:${columnName(column)}::text`).join(',');
  const places = order.map(field);
  return {
    select: select(columns),
    selectOrder: select(order),
    placeOf: (row: Row): Place => places.map((name) => String(row[name])),
  };
}

interface PageRequest {
  readonly select: string;
  readonly after: Place | undefined;
  readonly inclusive: boolean;
  readonly upTo?: Place | undefined;
  /** Only the one row behind that many. */
  readonly skip?: number;
}

async function askPage(reading: Reading, request: PageRequest): Promise<Answer> {
  const { rest, server, table, origin, order, since, size, signal, notify } = reading;
  const { select, after, inclusive, upTo, skip } = request;
  const place = after
    ? `after ${order.map((column, i) => `${column} = ${after[i]!.slice(0, 100)}`).join(', ')}`
    : 'the first one';
  const purpose = { origin, what: `a page (${place})`, signal, notify, onTooMuch: () => size.halve() };
  const answer = await server.ask(purpose, () =>
    rest.rows((client) => {
      const query = client.from(encodeURIComponent(table)).select();
      // select() of the client takes blanks out of names that hold a quote.
      (query as unknown as { url: URL }).url.searchParams.set('select', select);
      if (since?.value === null) query.is(columnName(since.column), null);
      else if (since) query.gte(columnName(since.column), since.value);
      if (after) filterAfter(query, order, after, inclusive);
      if (upTo) filterUpTo(query, order, upTo);
      for (const column of order) query.order(columnName(column));
      return skip === undefined ? query.limit(size.rows()) : query.range(skip, skip);
    }, signal),
  );
  if (skip === undefined) size.learn(answer);
  return answer;
}

const same = (a: Place, b: Place) => a.every((value, i) => value === b[i]);

function withoutFirst(
  rows: readonly Row[],
  last: Place,
  placeOf: KeyedPage['placeOf'],
  reading: Reading,
): readonly Row[] {
  const found = rows.findLastIndex((row) => same(placeOf(row), last));
  if (found > 0) throw notUnique(reading, last);
  return found === 0 ? rows.slice(1) : rows;
}

function refuseRepeated(rows: readonly Row[], placeOf: KeyedPage['placeOf'], reading: Reading): void {
  for (let i = 1; i < rows.length; i++) {
    const place = placeOf(rows[i]!);
    if (same(placeOf(rows[i - 1]!), place)) throw notUnique(reading, place);
  }
}

function notUnique({ origin, order }: Reading, place: Place): MedallionError {
  const shown = order.map((column, i) => `${column} = ${place[i]!.slice(0, 100)}`).join(', ');
  return new MedallionError('MDL3023', {
    message: `${origin} has several rows with ${shown}, so its rows cannot be read in pages by ${order.join(', ')}.`,
    hint: 'Name columns that are unique together: tables: { ... key }.',
  });
}
