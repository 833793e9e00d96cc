import type { Reader } from './reader.js';
import type { Field, JsonStep } from './tree.js';

const index = /(-?\d+)(?=->|::|\.|,|\)|$)/y;
const bareKey = /[^(\-:.,>)]+(?:-(?!>)[^(\-:.,>)]+)*/y;

/** `data->address->>city`: a name and a path into its JSON. */
export function readField(reader: Reader): Field {
  return { name: reader.name(), path: readPath(reader) };
}

export function readPath(reader: Reader): JsonStep[] {
  const path: JsonStep[] = [];
  while (reader.looksAt('->')) {
    const arrow = reader.take('->>') ? '->>' : '->';
    if (arrow === '->') reader.expect(arrow);
    const number = reader.match(index)?.[1];
    path.push({ arrow, key: number === undefined ? readKey(reader) : Number(number) });
  }
  return path;
}

function readKey(reader: Reader): string {
  const key = reader.quoted() ?? reader.match(bareKey)?.[0].trim();
  return key || reader.fail('a JSON key or index');
}
