import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Range, union, within, without } from '../../dist/build/incremental/ranges.js';
import { intervalsToFill, missingIntervals } from '../../dist/build/incremental/which-intervals.js';
import { builtNodes } from '../support/built.ts';
import { withProject } from '../support/project.ts';

const test = suite('incremental models and what they should be');

const point = fc.integer({ min: 0, max: 12 });
const range = fc.tuple(point, point).map(([from, to]): Range => ({ from, to }));
const ranges = fc.array(range, { maxLength: 5 });
/** The whole numbers that lie in ranges: what a range is, told simply. */
const inside = (all: readonly Range[]) =>
  Array.from({ length: 12 }, (_, at) => at).filter((at) => all.some(({ from, to }) => from <= at && at < to));

test('ranges are sets of points, told in as few pieces as there can be', () => {
  fc.assert(
    fc.property(ranges, range, (some, window) => {
      const isIn = (at: number) => inside([window]).includes(at);
      assert.equal(inside(union(some)), inside(some));
      assert.equal(inside(within(some, window)), inside(some).filter(isIn));
      if (window.from <= window.to)
        assert.equal(
          inside(without(window, some)),
          inside([window]).filter((at) => !inside(some).includes(at)),
        );
      const whole = union(some);
      assert.ok(whole.every(({ from, to }, i) => from < to && (i === 0 || whole[i - 1]!.to < from)));
    }),
    { numRuns: 500 },
  );
});

test('a build fills all that is missing and what was asked for, and only what is whole counts as done', () => {
  fc.assert(
    fc.property(
      fc.tuple(point, point, fc.integer({ min: 0, max: 1 }), point),
      ranges,
      fc.option(range),
      ([begin, end, partial, lookback], done, asked) => {
        const borders = {
          ...{ begin, end, done: union(done), lookback, open: end + partial },
          asked: asked ?? undefined,
        };
        const { fill, completed } = intervalsToFill(borders);
        const filled = inside(fill);
        const whole = inside([{ from: begin, to: end }]);
        assert.ok(inside(missingIntervals(borders)).every((at) => filled.includes(at) && whole.includes(at)));
        assert.ok(filled.every((at) => at >= begin && at < end + partial));
        assert.equal(
          inside(completed),
          filled.filter((at) => at < end),
        );
        if (asked)
          assert.ok(inside([asked]).every((at) => at < begin || at >= end + partial || filled.includes(at)));
        const after = { ...borders, done: union([...borders.done, ...completed]) };
        assert.equal(missingIntervals(after), [], 'nothing is missing once it has been filled');
      },
    ),
    { numRuns: 500 },
  );
});

interface Row {
  readonly k: number;
  readonly g: string;
  readonly v: string;
  readonly year: number;
}

const strategies = {
  merged: ['{ strategy: merge }', 'primary_key: k'],
  grouped: ['{ strategy: delete+insert, key: g }', ''],
  keyed: ['{ strategy: delete+insert, key: g }', 'primary_key: [k, g]'],
  appended: ['{ strategy: append }', ''],
  timed: [
    "{ strategy: time_range, time_column: d, grain: year, begin: '2019-01-01', lookback: 0 }",
    'primary_key: [k, d]',
  ],
} as const;

/** What a model should hold after new rows have come to the rows that it held. */
const expected: Record<
  keyof typeof strategies,
  (rows: readonly Row[], fresh: readonly Row[], asked: readonly number[]) => readonly Row[]
> = {
  merged: (rows, fresh) => [...rows.filter(({ k }) => !fresh.some((one) => one.k === k)), ...fresh],
  grouped: (rows, fresh) => [...rows.filter(({ g }) => !fresh.some((one) => one.g === g)), ...fresh],
  keyed: (rows, fresh) => [...rows.filter(({ g }) => !fresh.some((one) => one.g === g)), ...fresh],
  appended: (rows, fresh) => [...rows, ...fresh],
  timed: (rows, fresh, asked) => [
    ...rows.filter(({ year }) => !asked.includes(year)),
    ...fresh.filter(({ year }) => asked.includes(year)),
  ],
};
const names = Object.keys(strategies) as (keyof typeof strategies)[];

test('random rows come in: each strategy holds what it should, whatever came before', () =>
  withProject(
    {
      'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { rows: { from: 's.rows' } } });`,
      'seeds/rows.csv': 'k,g,v,d\n',
      ...Object.fromEntries(
        names.map((name) => [
          `models/silver/${name}.sql`,
          `/*---\nmaterialized: incremental\nincremental: ${strategies[name][0]}\n${strategies[name][1]}\n---*/\nselect k::int as k, g, nullif(v, '') as v, d::date as d from {{ref "bronze.rows"}}`,
        ]),
      ),
    },
    async (project) => {
      const row = fc.record({
        k: fc.integer({ min: 1, max: 6 }),
        g: fc.constantFrom('a', 'B', "ç'"),
        v: fc.constantFrom('x', 'y', ''),
        year: fc.integer({ min: 2019, max: 2021 }),
      });
      const batch = fc.uniqueArray(row, { selector: ({ k }) => k, maxLength: 6 });
      const steps = fc.array(
        fc.tuple(batch, fc.subarray([2019, 2020, 2021], { minLength: 1, maxLength: 1 })),
        {
          minLength: 2,
          maxLength: 4,
        },
      );
      const text = ({ k, g, v, year }: Row) => `${k} ${g} ${v} ${year}`;
      await fc.assert(
        fc.asyncProperty(batch, steps, async (first, more) => {
          await project.sql.unsafe(
            `drop table if exists ${names.map((name) => `silver.${name}`).join(', ')}`,
          );
          let held = Object.fromEntries(names.map((name) => [name, first])) as Record<string, readonly Row[]>;
          for (const [fresh, asked] of [[first, undefined] as const, ...more]) {
            project.write(
              'seeds/rows.csv',
              `k,g,v,d\n${fresh.map(({ k, g, v, year }) => `${k},${g},${v},${year}-05-05\n`).join('')}`,
            );
            const [year] = asked ?? [];
            await builtNodes(project, {
              force: true,
              ...(year && { from: `${year}-01-01`, to: `${year + 1}-01-01` }),
            });
            if (asked)
              held = Object.fromEntries(
                names.map((name) => [name, expected[name](held[name]!, fresh, asked)]),
              );
            for (const name of names) {
              const rows = await project.sql.unsafe<Row[]>(
                `select k, g, coalesce(v, '') as v, extract(year from d)::int as year from silver.${name}`,
              );
              assert.equal(rows.map(text).sort(), held[name]!.map(text).sort(), name);
            }
          }
        }),
        { numRuns: 4 },
      );
    },
  ));

test.run();
