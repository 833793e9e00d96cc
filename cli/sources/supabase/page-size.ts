import type { Answer } from './rest.js';

/** How many rows to ask for: found out from what comes back. */
export interface PageSize {
  rows(): number;
  /** Rows that a request gives at present. */
  given(): number;
  learn(answer: Answer): void;
  /** A request was too much. */
  halve(): void;
}

const firstRows = 5_000;
const leastRows = 50;
/** Several pages are in memory at a time. */
const wishedBytes = 4 * 1024 * 1024;
const wishedMs = 2_000;

/** @param most rows that are asked for in any case */
export function pageSize(most: number): PageSize {
  let rows = Math.min(firstRows, most);
  let given = rows;
  const within = (wanted: number) => Math.round(Math.min(most, Math.max(Math.min(leastRows, most), wanted)));
  return {
    rows: () => rows,
    given: () => given,
    learn({ rows: { length: got }, bytes, ms }) {
      // The last rows of a table tell nothing about the others.
      if (got < given / 4) return;
      const factor = Math.min(wishedBytes / bytes, wishedMs / ms);
      // A server that gives fewer than asked has a limit of its own; asking for more changes nothing.
      if (got >= rows) rows = within(got * Math.min(2, factor));
      else if (factor < 1) rows = within(got * factor);
      given = Math.min(rows, got);
    },
    halve() {
      rows = within(Math.min(rows, given) / 2);
      given = rows;
    },
  };
}
