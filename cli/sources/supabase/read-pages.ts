import { MedallionError } from '../../errors/index.js';
import type { Page } from '../records/batches.js';
import { type KeyedPage, type Reading, readRange } from './read-range.js';

/** Where reading goes on, as a load keeps it. */
interface Position {
  /** The server, schema and table, and the columns in whose order rows were read. */
  readonly of: string;
  readonly by: readonly string[];
  readonly at: readonly string[];
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
  for await (const page of readRange(reading, { after, upTo: undefined })) {
    yield {
      rows: page.rows,
      next: position(page, -1),
      nextAfter: (index) => position(page, index),
    };
  }
}

function placeIn({ of, by, at }: Position, { origin, order }: Reading): readonly string[] {
  if (of === origin && by.join() === order.join()) return at;
  throw new MedallionError('MDL3002', {
    message: `An interrupted load read ${of} by ${by.join(', ')}, so it cannot go on with ${origin} by ${order.join(', ')}.`,
    hint: 'Put the source back as it was, or drop what it had loaded: npx mdl clean',
  });
}
