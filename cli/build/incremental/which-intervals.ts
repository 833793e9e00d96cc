import { type Range, union, within, without } from './ranges.js';

/** The points in time that decide what is filled; each is where a grain begins. */
export interface Borders {
  readonly begin: number;
  /** Where the grain begins that has not ended yet. */
  readonly end: number;
  /** How far rows are taken: `end`, or where the grain ends that has not ended yet. */
  readonly open: number;
  /** What has been filled before. */
  readonly done: readonly Range[];
  /** Where the latest filled grains begin, which are filled again. */
  readonly lookback: number;
  /** Somebody asks for this to be filled again. */
  readonly asked?: Range | undefined;
}

export interface Intervals {
  /** What is to be filled. */
  readonly fill: readonly Range[];
  /** What of it is whole then, and remembered. */
  readonly completed: readonly Range[];
}

/** What has ended and was never filled. */
export function missingIntervals({ begin, end, done }: Borders): readonly Range[] {
  return begin < end ? without({ from: begin, to: end }, done) : [];
}

/** What a build on top of what is published fills: what is missing, the latest again, what was asked for, and what has not ended yet if it counts. */
export function intervalsToFill(borders: Borders): Intervals {
  const { begin, end, open, done, lookback, asked } = borders;
  const latest = within([{ from: lookback, to: lastFilled(borders) }], { from: begin, to: end });
  const fill = union([
    ...missingIntervals(borders),
    ...(done.length > 0 ? latest : []),
    ...(asked ? within([asked], { from: begin, to: open }) : []),
    ...(open > end ? within([{ from: end, to: open }], { from: begin, to: open }) : []),
  ]);
  return { fill, completed: within(fill, { from: begin, to: end }) };
}

/** Where the latest filled grain ends. */
function lastFilled({ done, end }: Borders): number {
  return Math.min(end, Math.max(...done.map(({ to }) => to)));
}

/** All that a build of the whole model fills; where nothing has begun yet, an empty range. */
export function wholeInterval({ begin, end, open }: Borders): { whole: Range; completed: readonly Range[] } {
  return { whole: { from: begin, to: Math.max(begin, open) }, completed: union([{ from: begin, to: end }]) };
}
