import type { Chart, KpiChart, TableChart } from './chart.js';
import { checkCondition, checkSort } from './check-api-words.js';
import { checkVega } from './check-vega.js';
import { type Columns, type Judge, judgeOf } from './judge.js';

/**
 * Whether charts show what there is: known marks and channels, columns that exist, numbers where numbers are needed, nothing from elsewhere.
 * @throws MedallionError MDL1212 at the place in the front matter
 */
export function checkCharts({ charts, ...columns }: Columns & { readonly charts: readonly Chart[] }): void {
  charts.forEach((chart, i) => {
    const judge = judgeOf(columns, i);
    for (const condition of chart.where) checkCondition(judge, condition);
    if (chart.kind === 'kpi') checkKpi(judge, chart);
    else {
      if (chart.kind === 'chart') checkVega(judge, chart);
      else checkTable(judge, chart);
      if (chart.sort !== null) checkSort(judge, chart.sort);
    }
  });
}

function checkKpi(judge: Judge, { field, aggregate, per, time, format }: KpiChart): void {
  if (field !== null) judge.column(field, ['value', 'field'], aggregate === 'count' ? 'any' : 'number');
  if (per !== null) judge.column(per, ['value', 'per'], 'number');
  if (time !== null) judge.column(time, ['time'], 'time');
  checkNumberFormat(judge, format, ['format']);
}

function checkTable(judge: Judge, { columns, formats }: TableChart): void {
  columns?.forEach((name, at) => {
    judge.column(name, ['columns', at]);
  });
  for (const [name, format] of Object.entries(formats)) {
    judge.column(name, ['formats', name]);
    checkNumberFormat(judge, format, ['formats', name]);
  }
}

/** As d3-format writes it. @see https://d3js.org/d3-format#locale_format */
const d3Format = /^(?:.?[<>=^])?[-+( ]?[$#]?0?\d*,?(?:\.\d+)?~?[%a-z]?$/i;

function checkNumberFormat(judge: Judge, format: string, path: readonly PropertyKey[]): void {
  if (!['number', 'integer', 'percent', 'currency'].includes(format) && !d3Format.test(format))
    judge.wrong(
      path,
      `"${format}" is no format of numbers.`,
      'Write number, integer, percent, currency, or as d3-format does: ",.1f".',
    );
}
