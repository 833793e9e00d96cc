import type { TextRows } from '../events/events.js';

/** Rows that a result keeps of each test. */
export const sampleRows = 5;
const longestValue = 200;

/** The first rows that break a test, values as text. */
export function samplesOf({ columns, rows }: TextRows): Record<string, string | null>[] {
  return rows
    .slice(0, sampleRows)
    .map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, shorten(row[i]!)])));
}

/** What an aggregate found, as one row. */
export function stateOf({ rows }: TextRows): Record<string, string | null> {
  return Object.fromEntries(rows.map(([name, value]) => [String(name), shorten(value ?? null)]));
}

function shorten(value: string | null): string | null {
  return value !== null && value.length > longestValue ? `${value.slice(0, longestValue)}...` : value;
}
