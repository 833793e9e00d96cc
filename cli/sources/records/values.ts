import { isLosslessNumber, stringify } from 'lossless-json';

/**
 * A value of a record as the text that bronze keeps; null stays null. Numbers keep their digits (`LosslessNumber`, bigint), bytes are written as
 * Postgres writes bytea, dates in ISO 8601, everything nested as JSON.
 */
export function toText(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? null : objectText(value);
    default:
      return null;
  }
}

function objectText(value: object): string {
  if (isLosslessNumber(value)) return value.value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  return stringify(value) ?? '';
}

/** Why Postgres cannot hold a text; undefined when it can. */
export function unstorable(text: string): string | undefined {
  if (text.includes('\u0000')) return 'it holds the character U+0000, which Postgres cannot store';
  if (!text.isWellFormed()) return 'it holds half a surrogate pair, which is no character';
  return undefined;
}
