import { dateText, timestampText, timeText } from '../time.js';

/** What the reader makes of a cell: a number is the text of its digits. */
export type CellValue = string | boolean | Date;

const dayMs = 86_400_000;
/** 1899-12-30, Excel's day 0: what is on it is a time without a day. */
const dayZero = -25_569;

/** A cell as bronze keeps it: a day, a time of day, or both, as Postgres prints them. */
export function cellText(cell: CellValue | null | undefined): string | null {
  if (cell === null || cell === undefined) return null;
  if (!(cell instanceof Date)) return String(cell);
  // Excel counts in days, so most seconds are fractions that end a little early, and the reader cuts off what is below a millisecond.
  const cut = cell.getTime();
  const moment = (cut + 1) % 1000 === 0 ? cut + 1 : cut;
  const days = Math.floor(moment / dayMs);
  if (days === dayZero) return timeText(BigInt(moment - days * dayMs), 'MILLIS');
  return moment === days * dayMs ? dateText(days) : timestampText(BigInt(moment), 'MILLIS');
}
