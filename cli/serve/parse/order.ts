import { readField } from './field.js';
import type { Reader } from './reader.js';
import type { OrderTerm } from './tree.js';

const modifier = /\.(asc|desc|nullsfirst|nullslast)(?=[.,]|$)/y;

/** The value of `order`: `total.desc.nullslast,clientes(nome)`. */
export function readOrder(reader: Reader): OrderTerm[] {
  if (reader.isAtEnd) return [];
  const terms = reader.separated(() => readTerm(reader));
  if (!reader.isAtEnd) reader.fail('asc, desc, nullsfirst, nullslast, "," or the end');
  return terms;
}

function readTerm(reader: Reader): OrderTerm {
  while (reader.take(' '));
  const ofEmbed = reader.attempt(() => {
    const embed = reader.name();
    return { embed, field: reader.inParentheses(() => readField(reader)) };
  });
  const { embed, field } = ofEmbed ?? { embed: undefined, field: readField(reader) };
  let direction: OrderTerm['direction'] = 'asc';
  let nulls: OrderTerm['nulls'];
  for (let found = reader.match(modifier); found; found = reader.match(modifier)) {
    const word = found[1]!;
    if (word === 'asc' || word === 'desc') direction = word;
    else nulls = word === 'nullsfirst' ? 'first' : 'last';
  }
  return { embed, field, direction, nulls };
}
