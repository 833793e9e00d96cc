import type { Grain } from '../../project/incremental-schema.js';

/** From (included) to (excluded), in milliseconds since 1970. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** All that lies in one of the ranges: in order, apart from each other, none empty. */
export function union(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && range.from <= last.to)
      merged[merged.length - 1] = { ...last, to: Math.max(last.to, range.to) };
    else merged.push(range);
  }
  return merged;
}

/** What lies in the ranges and in `window`. */
export function within(ranges: readonly Range[], window: Range): Range[] {
  return union(
    ranges.map(({ from, to }) => ({ from: Math.max(from, window.from), to: Math.min(to, window.to) })),
  );
}

/** What lies in `window` and in none of the ranges. */
export function without(window: Range, ranges: readonly Range[]): Range[] {
  const inside = within(ranges, window);
  const borders = [window.from, ...inside.flatMap(({ from, to }) => [from, to]), window.to];
  return union(borders.flatMap((from, i) => (i % 2 === 0 ? [{ from, to: borders[i + 1]! }] : [])));
}

/** On average, as the Gregorian calendar has them: months and summer time are off by less than half a grain. */
const hours: Readonly<Record<Grain, number>> = {
  hour: 1,
  day: 24,
  week: 24 * 7,
  month: (24 * 365.2425) / 12,
  quarter: (24 * 365.2425) / 4,
  year: 24 * 365.2425,
};

/** How many grains there are in ranges that begin and end with one. */
export function countGrains(ranges: readonly Range[], grain: Grain): number {
  return ranges.reduce((sum, { from, to }) => sum + Math.round((to - from) / 3_600_000 / hours[grain]), 0);
}
