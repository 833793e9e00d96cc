import type { SourceNotice } from './source.js';

/** The greatest value of a column, and whether it is one of a text. */
export interface Greatest {
  readonly value: string;
  readonly isText: boolean;
}

/** A number as a text; those with zeros before it, and times such as 20261127, are in the order of their values. */
const sortsOtherwise = /^(?!(19|20)\d{6}(\d{6})?$)[+-]?[1-9]\d*([.,]\d+)?$/;

/**
 * Where the next incremental load begins. A time without end, or what is no number, is no such place: nothing would ever come after it.
 * @param ask for the greatest value of a column, below another one where that is given; undefined: there is none
 * @param notify told where the column's order is not that of its values
 * @returns null where no row has a value
 * @throws what `ask` throws
 */
export async function highWater(
  ask: (below: string | undefined) => Promise<Greatest | undefined>,
  column: string,
  notify: ((notice: SourceNotice) => void) | undefined,
): Promise<string | null> {
  let greatest = await ask(undefined);
  while (greatest && /^(infinity|nan)$/i.test(greatest.value)) greatest = await ask(greatest.value);
  if (greatest?.isText && sortsOtherwise.test(greatest.value))
    notify?.({
      message: `The cursor "${column}" is a text, in whose order '10' comes before '9': rows with a greater number may not be read.`,
      hint: 'Make it a number in the source, or name a column that is one, or a time.',
    });
  return greatest?.value ?? null;
}
