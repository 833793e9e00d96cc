// in one process
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withApi } from '../support/api.ts';
import { closeBrowser, hasBrowser, withPage } from '../support/browser.ts';
import { withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';
import { vegaFile } from '../support/vega.ts';
import { becomes } from '../support/wait.ts';

const test = suite('web: gallery');
test.after(closeBrowser);

/** Examples of Vega-Lite's gallery over its own data, without `data`. @see https://vega.github.io/vega-lite/examples/ */
const weather: readonly string[] = [
  'title: Simple bar chart, mark: bar, encoding: { x: { field: weather, axis: { labelAngle: 0 } }, y: { aggregate: count } }',
  'title: Stacked bar chart, mark: bar, encoding: { x: { timeUnit: month, field: date, type: ordinal, title: Month of the year }, y: { aggregate: count, type: quantitative }, color: { field: weather, type: nominal, scale: { domain: [sun, fog, drizzle, rain, snow], range: ["#e7ba52", "#c7c7c7", "#aec7e8", "#1f77b4", "#9467bd"] }, title: Weather type } }',
  'title: Normalized stacked bars, mark: bar, encoding: { x: { timeUnit: month, field: date }, y: { aggregate: count, stack: normalize }, color: { field: weather } }',
  'title: Line chart, mark: { type: line, point: true, interpolate: monotone }, encoding: { x: { timeUnit: yearmonth, field: date, type: temporal }, y: { aggregate: mean, field: temp_max } }',
  'title: Ranged area, mark: { type: area, opacity: 0.4 }, encoding: { x: { timeUnit: monthdate, field: date, title: Date }, y: { aggregate: mean, field: temp_max, title: Mean temperature }, y2: { aggregate: mean, field: temp_min } }',
  'title: Annual weather heatmap, mark: rect, encoding: { x: { field: date, timeUnit: date, type: ordinal, title: Day, axis: { labelAngle: 0, format: "%e" } }, y: { field: date, timeUnit: month, type: ordinal, title: Month }, color: { field: temp_max, aggregate: max, type: quantitative, legend: { title: null } } }, transform: [ { filter: "year(datum.date) === 2012" } ]',
  'title: Line and rule, layer: [ { mark: line, encoding: { x: { timeUnit: month, field: date }, y: { aggregate: mean, field: precipitation } } }, { mark: { type: rule, color: red }, encoding: { y: { aggregate: mean, field: precipitation }, size: { value: 3 } } } ]',
  'title: Dual axis, layer: [ { mark: { type: area, opacity: 0.3 }, encoding: { x: { timeUnit: month, field: date }, y: { aggregate: average, field: temp_max } } }, { mark: { type: line, stroke: "#85A9C5" }, encoding: { x: { timeUnit: month, field: date }, y: { aggregate: average, field: precipitation, axis: { titleColor: "#85A9C5" } } } } ], resolve: { scale: { y: independent } }',
  'title: Error band, layer: [ { mark: { type: errorband, extent: ci }, encoding: { x: { field: date, timeUnit: year }, y: { field: temp_max } } }, { mark: line, encoding: { x: { field: date, timeUnit: year }, y: { aggregate: mean, field: temp_max } } } ]',
  'title: Small multiples by column, mark: bar, encoding: { x: { field: weather, title: null }, y: { aggregate: count }, column: { field: date, timeUnit: year, type: ordinal } }',
];
const cars: readonly string[] = [
  'title: Scatterplot, mark: point, encoding: { x: { field: Horsepower, type: quantitative }, y: { field: Miles_per_Gallon, type: quantitative } }',
  'title: Colored scatterplot, mark: point, encoding: { x: { field: Horsepower }, y: { field: Miles_per_Gallon }, color: { field: Origin }, shape: { field: Origin } }',
  'title: Bubble plot, mark: point, encoding: { x: { field: Horsepower }, y: { field: Miles_per_Gallon }, size: { field: Acceleration }, tooltip: [ { field: Name }, { field: Horsepower }, { field: Year, timeUnit: year } ] }',
  'title: Histogram, mark: bar, encoding: { x: { bin: true, field: Miles_per_Gallon }, y: { aggregate: count } }',
  'title: 2D histogram, mark: rect, encoding: { x: { bin: { maxbins: 20 }, field: Miles_per_Gallon }, y: { bin: { maxbins: 20 }, field: Horsepower }, color: { aggregate: count } }',
  'title: Grouped bars, mark: bar, encoding: { x: { field: Cylinders, type: ordinal }, y: { aggregate: mean, field: Horsepower }, xOffset: { field: Origin }, color: { field: Origin } }',
  'title: Box plot, mark: { type: boxplot, extent: min-max }, encoding: { x: { field: Origin, type: nominal }, color: { field: Origin, type: nominal, legend: null }, y: { field: Horsepower, type: quantitative, scale: { zero: false } } }',
  'title: Donut, mark: { type: arc, innerRadius: 50 }, encoding: { theta: { aggregate: count }, color: { field: Origin, type: nominal } }',
  'title: Heat map with labels, transform: [ { aggregate: [ { op: count, as: num_cars } ], groupby: [Origin, Cylinders] } ], layer: [ { mark: rect, encoding: { y: { field: Origin }, x: { field: Cylinders, type: ordinal }, color: { field: num_cars, type: quantitative } } }, { mark: text, encoding: { y: { field: Origin }, x: { field: Cylinders, type: ordinal }, text: { field: num_cars, type: quantitative }, color: { condition: { test: "datum[\'num_cars\'] < 40", value: black }, value: white } } } ]',
  'title: Sorted by another field, mark: bar, encoding: { y: { field: Origin, sort: { op: sum, field: Acceleration, order: descending } }, x: { aggregate: sum, field: Acceleration } }',
  'title: Conditional colour, mark: bar, encoding: { x: { field: Origin }, y: { aggregate: mean, field: Horsepower }, color: { condition: { test: "datum.mean_Horsepower > 100", value: red }, value: steelblue } }',
  'title: Log scale, mark: { type: circle, opacity: 0.5 }, encoding: { x: { field: Displacement, scale: { type: log } }, y: { field: Weight_in_lbs, scale: { type: log, zero: false } } }',
  'title: Strip plot, mark: tick, encoding: { x: { field: Horsepower }, y: { field: Cylinders, type: ordinal } }',
  'title: Trellis, mark: point, encoding: { x: { field: Horsepower }, y: { field: Miles_per_Gallon }, facet: { field: Origin, columns: 2 } }',
  'title: Rows, mark: bar, encoding: { x: { field: Horsepower, bin: true }, y: { aggregate: count }, row: { field: Origin } }',
  'title: Regression, layer: [ { mark: point, encoding: { x: { field: Horsepower }, y: { field: Miles_per_Gallon } } }, { mark: { type: line, color: firebrick }, transform: [ { regression: Miles_per_Gallon, on: Horsepower } ], encoding: { x: { field: Horsepower, type: quantitative }, y: { field: Miles_per_Gallon, type: quantitative } } } ]',
  'title: Density, mark: area, transform: [ { density: Horsepower, groupby: [Origin] } ], encoding: { x: { field: value, type: quantitative }, y: { field: density, type: quantitative, stack: zero }, color: { field: Origin } }',
  'title: Running count, mark: { type: line, interpolate: step-after }, transform: [ { sort: [ { field: Year } ], window: [ { op: count, field: count, as: cumulative } ] } ], encoding: { x: { field: Year, type: temporal }, y: { field: cumulative, type: quantitative } }'.replace(
    'field: count, as',
    'as',
  ),
  'title: Interactive, mark: point, params: [ { name: brush, select: interval } ], encoding: { x: { field: Horsepower }, y: { field: Miles_per_Gallon }, color: { condition: { param: brush, field: Origin, type: nominal }, value: grey } }',
];

const charts = (examples: readonly string[]) =>
  `charts:\n${examples.map((example) => `  - { ${example} }`).join('\n')}\n`;

function carsCsv(): string {
  const rows = JSON.parse(readFileSync(vegaFile('cars.json'), 'utf8')) as Record<string, unknown>[];
  const names = Object.keys(rows[0]!);
  return [names.join(','), ...rows.map((row) => names.map((name) => row[name] ?? '').join(','))].join('\n');
}

const files = {
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
    export default defineConfig({ name: 'gallery', database: process.env.DATABASE_URL, grants: { gold: { select: ['anon'] } },
      sources: { vega: csv({ dir: 'seeds' }) }, serve: { aggregates: true } });`,
  'seeds/weather.csv': readFileSync(vegaFile('seattle-weather.csv'), 'utf8'),
  'seeds/cars.csv': carsCsv(),
  'models/gold/seattle.sql': `/*---
columns: { date: { type: date }, weather: { type: text }, precipitation: { type: numeric }, temp_max: { type: numeric }, temp_min: { type: numeric } }
primary_key: date
${charts(weather)}---*/
select date::date, weather, precipitation::numeric, temp_max::numeric, temp_min::numeric from {{ref "bronze.weather"}}`,
  'models/gold/automobiles.sql': `/*---
${charts(cars)}---*/
select "Name", "Origin", "Year"::date as "Year", "Cylinders"::int as "Cylinders",
  ${['Horsepower', 'Miles_per_Gallon', 'Displacement', 'Weight_in_lbs', 'Acceleration'].map((name) => `nullif("${name}", '')::numeric as "${name}"`).join(', ')}
from {{ref "bronze.cars"}}`,
};

test('examples of the Vega-Lite gallery are built and drawn', async () => {
  if (!hasBrowser) return;
  await withProject(files, async (project) => {
    await createRoles(project.sql, 'anon');
    const built = await project.mdl('build');
    assert.is(built.code, 0, built.stdout + built.stderr);
    await withApi(project, async ({ url }) => {
      await withPage(url, { width: 1400 }, async (page) => {
        await page.goto('/');
        for (const example of [...weather, ...cars]) {
          const title = /title: ([^,]+)/.exec(example)![1]!;
          const card = page.getByRole('region', { name: title, exact: true });
          await card.scrollIntoViewIfNeeded();
          await card.locator('.vega svg, .vega canvas').waitFor();
          await becomes(() => card.getByRole('alert').count(), 0, title);
          const marks = await card
            .locator(
              '.vega svg .role-mark path, .vega svg .role-mark line, .vega svg .role-mark text, .vega canvas',
            )
            .count();
          assert.ok(marks > 0, `${title} draws nothing`);
        }
      });
    });
  });
});

test.run();
