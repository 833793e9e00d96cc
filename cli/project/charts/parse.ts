import type { FrontMatter } from '../front-matter.js';
import type { Chart } from './chart.js';
import type { CheckedChart } from './schema.js';

/** Where charts stand that name no dashboard. */
export const defaultDashboard = 'overview';

/** @param front the model's `charts` and the `dashboard` of those that name none */
export function parseCharts(front: {
  readonly charts: readonly CheckedChart[];
  readonly dashboard?: string | undefined;
}): Chart[] {
  return front.charts.map((chart, i) =>
    withDefaults(chart, {
      title: chart.title,
      description: chart.description ?? null,
      dashboard: chart.dashboard ?? front.dashboard ?? defaultDashboard,
      order: chart.order ?? i,
      where: chart.where,
    }),
  );
}

function withDefaults(chart: CheckedChart, base: Omit<Chart, 'kind' | 'width'>): Chart {
  if (chart.kind === 'kpi') {
    const { field, aggregate, per } = chart.value;
    return {
      ...base,
      kind: 'kpi',
      width: chart.width ?? 3,
      field: field ?? null,
      aggregate,
      per: per ?? null,
      time: chart.time ?? null,
      format: chart.format,
      good: chart.good ?? null,
    };
  }
  const rows = { width: chart.width ?? 6, sort: chart.sort ?? null };
  if (chart.kind === 'table') {
    const { columns = null, limit = 10, formats } = chart;
    return { ...base, ...rows, kind: 'table', columns, limit, formats };
  }
  const { mark, encoding, layer, transform, params, resolve } = chart;
  const spec = Object.entries({ mark, encoding, layer, transform, params, resolve });
  return {
    ...base,
    ...rows,
    kind: 'chart',
    height: chart.height,
    spec: Object.fromEntries(spec.filter(([, value]) => value !== undefined)),
    limit: chart.limit ?? null,
  };
}

/** Places of what a chart says, for errors. */
export type WhereIs = FrontMatter<unknown>['whereIs'];
