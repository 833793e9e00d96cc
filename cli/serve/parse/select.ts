import { readField } from './field.js';
import type { Reader } from './reader.js';
import type { Aggregate, SelectedEmbed, SelectedField, SelectItem } from './tree.js';

const aggregate = /\.(count|sum|avg|min|max)\(\)/y;
const typeName = /[\p{L}\p{N}_ $]+(?:\[\])?/uy;

/** The value of `select`: columns, and relations with their own lists in parentheses. */
export function readSelect(reader: Reader): SelectItem[] {
  if (reader.isAtEnd) return [];
  const items = readItems(reader);
  if (!reader.isAtEnd) reader.fail('"," or the end');
  return items;
}

function readItems(reader: Reader): SelectItem[] {
  if (reader.isAtEnd || reader.looksAt(')')) return [];
  return reader.separated(() => readItem(reader));
}

function readItem(reader: Reader): SelectItem {
  skipSpaces(reader);
  if (reader.take('...')) return readEmbed(reader, undefined, true);
  if (reader.take('*')) {
    skipSpaces(reader);
    return { kind: 'all' };
  }
  const alias = readAlias(reader);
  if (reader.take('count()')) return rowCount(reader, alias);
  return reader.attempt(() => readEmbed(reader, alias, false)) ?? readColumn(reader, alias);
}

function skipSpaces(reader: Reader): void {
  while (reader.take(' '));
}

/** `alias:`, where the colon is not the beginning of a cast. */
function readAlias(reader: Reader): string | undefined {
  return reader.attempt(() => {
    const name = reader.name();
    reader.expect(':');
    if (reader.looksAt(':')) reader.fail('a column');
    return name;
  });
}

function readEmbed(reader: Reader, alias: string | undefined, isSpread: boolean): SelectedEmbed {
  const target = reader.name('a relation');
  let hint: string | undefined;
  let join: SelectedEmbed['join'];
  while (reader.take('!')) {
    const word = reader.name('a hint, inner or left');
    if (word === 'inner' || word === 'left') join = word;
    else hint = word;
  }
  const select = reader.inParentheses(() => readItems(reader));
  return { kind: 'embed', target, alias, hint, join, isSpread, select };
}

function readColumn(reader: Reader, alias: string | undefined): SelectedField {
  const field = readField(reader);
  const cast = readCast(reader);
  const found = reader.match(aggregate)?.[1] as Aggregate | undefined;
  const aggregateCast = found && readCast(reader);
  if (!reader.isAtEnd && !reader.looksAt(',') && !reader.looksAt(')')) reader.fail('"," or the end');
  return { kind: 'field', field, alias, cast, aggregate: found, aggregateCast };
}

function rowCount(reader: Reader, alias: string | undefined): SelectedField {
  return {
    ...{ kind: 'field', field: undefined, alias, cast: undefined },
    ...{ aggregate: 'count', aggregateCast: readCast(reader) },
  };
}

function readCast(reader: Reader): string | undefined {
  if (!reader.take('::')) return undefined;
  return reader.match(typeName)?.[0].trim() || reader.fail('a type');
}
