import { isUtf8 } from 'node:buffer';
import { isLosslessNumber, parse } from 'lossless-json';
import type { SourceRow } from '../../records/encode.js';

/**
 * Reads a record; its numbers keep their digits.
 * @returns the row, or why it is none
 */
export function parseRecord(bytes: Buffer): { readonly row: SourceRow } | { readonly reason: string } {
  if (!isUtf8(bytes)) return { reason: 'it is not valid UTF-8' };
  let value: unknown;
  try {
    value = parse(bytes.toString());
  } catch (cause) {
    return { reason: `not readable as JSON: ${(cause as Error).message}` };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value) || isLosslessNumber(value))
    return { reason: `it is ${kindOf(value)}, not an object` };
  return { row: value as SourceRow };
}

/** The names of a record's fields; none of what is no row. */
export function fieldNames(bytes: Buffer): readonly string[] {
  if (!isUtf8(bytes)) return [];
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return `a ${typeof value === 'object' ? 'number' : typeof value}`;
}
