import type { Sql } from '../../database/connect.js';
import type { Grain } from '../../project/incremental-schema.js';
import type { Model, NodeName, TimeRange } from '../../project/model.js';
import { formatNumber } from '../../text/format.js';
import type { AskedInterval } from './asked-interval.js';
import { bordersSql } from './borders-sql.js';
import { countGrains, type Range } from './ranges.js';
import {
  type Borders,
  type Intervals,
  intervalsToFill,
  missingIntervals,
  wholeInterval,
} from './which-intervals.js';

/** Which intervals of models that are filled by time there are, and which are due, as it was when the run began. */
export interface Timeline {
  /** Why a model has to be built although nothing it reads has changed: `3 days are missing`. */
  whyDue(name: NodeName): string | undefined;
  /** When the interval that goes on ends and the model is due again, in milliseconds since 1970; undefined: it is not filled by time. */
  dueAt(name: NodeName): number | undefined;
  /** What a build on top of what is published fills. */
  onTop(name: NodeName): Intervals;
  /** What a build of all of it fills. */
  whole(name: NodeName): { readonly whole: Range; readonly completed: readonly Range[] };
}

interface Row extends Record<'begin' | 'end' | 'next', number> {
  readonly node: NodeName;
  readonly lookback: number | null;
  readonly askedFrom: number | null;
  readonly askedTo: number | null;
  readonly done: readonly Range[];
}

const steps: Readonly<Record<Grain, string>> = {
  ...{ hour: '1 hour', day: '1 day', week: '7 days', month: '1 month', quarter: '3 months', year: '1 year' },
};

/**
 * Reads what has been filled of models; nothing is asked where none is filled by time.
 * @param asked an interval to fill again
 */
export async function openTimeline(
  sql: Sql,
  project: string,
  models: readonly Model[],
  asked: AskedInterval | undefined,
): Promise<Timeline> {
  const settings = new Map(
    models.flatMap(({ name, incremental }) =>
      incremental?.strategy === 'time_range' ? [[name, incremental as TimeRange] as const] : [],
    ),
  );
  const wanted = [...settings].map(([node, { grain, timeZone: zone, begin, lookback }]) => ({
    ...{ node, grain, step: steps[grain], zone, begin, lookback },
    ...{ from: asked?.from ?? null, to: asked?.to ?? null },
  }));
  const rows =
    wanted.length === 0 ? [] : await sql.unsafe<Row[]>(bordersSql, [project, JSON.stringify(wanted)]);
  const borders = new Map(
    rows.map((row) => [row.node, bordersOf(row, settings.get(row.node)!, asked !== undefined)]),
  );
  return {
    whyDue(name) {
      const found = borders.get(name);
      if (!found) return undefined;
      if (asked) return describeAsked(asked);
      const { grain } = settings.get(name)!;
      const count = countGrains(missingIntervals(found), grain);
      if (count === 0) return undefined;
      return count === 1 ? `1 ${grain} is missing` : `${formatNumber(count)} ${grain}s are missing`;
    },
    dueAt: (name) => rows.find(({ node }) => node === name)?.next,
    onTop: (name) => intervalsToFill(borders.get(name)!),
    whole: (name) => wholeInterval(borders.get(name)!),
  };
}

function bordersOf(row: Row, { allowPartials }: TimeRange, isAsked: boolean): Borders {
  const { begin, end, next, done, lookback, askedFrom, askedTo } = row;
  return {
    ...{ begin, end, done },
    open: allowPartials ? next : end,
    lookback: lookback ?? begin,
    asked: isAsked ? { from: askedFrom ?? begin, to: askedTo ?? next } : undefined,
  };
}

function describeAsked({ from, to }: AskedInterval): string {
  return [from === undefined ? '' : `--from ${from}`, to === undefined ? '' : `--to ${to}`].join(' ').trim();
}
