import { isUtf8 } from 'node:buffer';
import type { SchemaElement, SchemaTree } from 'hyparquet';
import { isListLike, isMapLike } from 'hyparquet/src/schema.js';
import { LosslessNumber } from 'lossless-json';
import { toText } from '../../records/values.js';
import { dateText, type TimeUnit, timestampText, timeText } from '../time.js';
import { decimalText, doubleText, floatText } from './numbers.js';

/** Makes of a value as it is stored what bronze keeps. What it is given is what the column's type says. */
// biome-ignore lint/suspicious/noExplicitAny: each physical type has its own
export type Convert = (value: any) => unknown;

/** Stands for a text that is none. */
export const notUtf8 = Symbol('not UTF-8');

const kindOf = ({ logical_type, converted_type }: SchemaElement) => logical_type?.type ?? converted_type;
const asText = new Set(['JSON', 'ENUM']);
const asStored = new Set([
  ...[
    'DECIMAL',
    'DATE',
    'TIME',
    'TIME_MILLIS',
    'TIME_MICROS',
    'TIMESTAMP',
    'TIMESTAMP_MILLIS',
    'TIMESTAMP_MICROS',
  ],
  ...['INTERVAL', 'BSON', 'GEOMETRY', 'GEOGRAPHY'],
]);

/** An element that hyparquet hands out as it is stored, where its own conversion would round, or lose what is smaller than a millisecond. */
export function storedElement(element: SchemaElement): SchemaElement {
  const kind = kindOf(element) ?? '';
  if (asText.has(kind)) return { ...element, converted_type: 'UTF8', logical_type: { type: 'STRING' } };
  if (!asStored.has(kind)) return element;
  const { converted_type, logical_type, ...stored } = element;
  return stored;
}

/** What hyparquet itself makes of values that `storedElement` cannot keep it from touching. */
export const storedParsers = {
  stringFromBytes: (bytes: Uint8Array | undefined) =>
    bytes && (isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString() : notUtf8),
  /** INT96. */
  timestampFromNanoseconds: (nanos: bigint) => nanos,
};

/** The conversion of a column: values become text, nested ones what JSON can be made of. */
export function columnConverter(column: SchemaTree): Convert {
  const convert = converter(
    column,
    column.children.length > 0 || column.element.repetition_type === 'REPEATED',
  );
  return (value) => (value === undefined || value === null ? null : convert(value));
}

function converter(tree: SchemaTree, isNested: boolean): Convert {
  const one = oneConverter(tree, isNested);
  return tree.element.repetition_type === 'REPEATED' ? listOf(one) : one;
}

const listOf =
  (one: Convert): Convert =>
  (list: readonly unknown[]) =>
    Array.from(list, (value) => nullOr(one, value));
const nullOr = (one: Convert, value: unknown) => (value === undefined || value === null ? null : one(value));

function oneConverter(tree: SchemaTree, isNested: boolean): Convert {
  const [child] = tree.children;
  if (!child) return isNested ? nestedLeaf(tree.element) : leafConverter(tree.element);
  if (tree.element.logical_type?.type === 'VARIANT') return (value) => value;
  if (isListLike(tree)) {
    // Three levels, or the old form of two.
    return listOf(
      child.children.length === 1 ? converter(child.children[0]!, true) : oneConverter(child, true),
    );
  }
  if (isMapLike(tree)) {
    const value = converter(child.children[1]!, true);
    return (map: object) =>
      Object.fromEntries(Object.entries(map).map(([key, entry]) => [key, nullOr(value, entry)]));
  }
  const fields = tree.children.map((field) => [field.element.name, converter(field, true)] as const);
  return (struct: Record<string, unknown>) =>
    Object.fromEntries(fields.map(([name, convert]) => [name, nullOr(convert, struct[name])]));
}

/** Inside JSON numbers stay numbers, with all their digits; what JSON has no form for is the text that a column would have. */
function nestedLeaf(element: SchemaElement): Convert {
  const convert = leafConverter(element);
  const isNumber = kindOf(element) === 'DECIMAL' || element.type === 'FLOAT' || element.type === 'DOUBLE';
  return (value) => {
    const converted = convert(value);
    if (converted === notUtf8) return '\ufffd';
    if (isNumber)
      return /[a-z]$/i.test(String(converted)) ? converted : new LosslessNumber(String(converted));
    return converted instanceof Uint8Array ? toText(converted) : converted;
  };
}

function leafConverter(element: SchemaElement): Convert {
  const { logical_type: logical, scale = 0, type } = element;
  switch (kindOf(element)) {
    case 'DECIMAL':
      return (value) => decimalText(value, logical?.type === 'DECIMAL' ? logical.scale : scale);
    case 'DATE':
      return dateText;
    case 'TIME':
    case 'TIME_MILLIS':
    case 'TIME_MICROS':
      return (value) => timeText(BigInt(value), unitOf(element));
    case 'TIMESTAMP':
    case 'TIMESTAMP_MILLIS':
    case 'TIMESTAMP_MICROS': {
      const unit = unitOf(element);
      const zone = logical?.type === 'TIMESTAMP' && !logical.isAdjustedToUTC ? '' : '+00';
      return (value) => timestampText(BigInt(value), unit, zone);
    }
    case 'INTERVAL':
      return intervalText;
  }
  if (type === 'INT96') return (nanos) => timestampText(nanos, 'NANOS');
  if (type === 'FLOAT') return floatText;
  if (type === 'DOUBLE') return doubleText;
  return (value) => value;
}

function unitOf({ logical_type: logical, converted_type: converted }: SchemaElement): TimeUnit {
  if (logical?.type === 'TIME' || logical?.type === 'TIMESTAMP') return logical.unit;
  return converted?.endsWith('_MILLIS') ? 'MILLIS' : 'MICROS';
}

/** Twelve bytes: months, days, milliseconds. */
function intervalText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [months, days, millis] = [0, 4, 8].map((at) => view.getUint32(at, true)) as [number, number, number];
  return `${months} mons ${days} days ${timeText(BigInt(millis), 'MILLIS')}`;
}
