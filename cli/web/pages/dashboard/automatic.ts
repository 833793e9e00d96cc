import type { Chart, ChartBase } from '../../../project/charts/chart.ts';
import type { ProjectColumn, ProjectRelation } from '../../../serve/ui/shapes.ts';
import { labelOf } from '../../app/labels.ts';
import { isNameLike } from '../../parts/name-like.ts';

/** Numbers whose sum means nothing. */
const isRateLike =
  /(^|_)(media|medio|mediana|mediano|avg|average|mean|median|pct|percent|perc|taxa|rate|ratio|razao|share|participacao|variacao|acumulado|preco|price|idade|age|nota|score)(_|$)/i;

/** More numbers than these side by side say nothing. */
const mostNumbers = 4;

/**
 * A sensible chart of a relation whose model declares none: its first measure over time, or by its first category; numbers against each other;
 * numbers alone; else a table.
 */
export function automaticCharts(relation: ProjectRelation, dashboard: string): readonly Chart[] {
  const { columns, primaryKey, name } = relation;
  // What the relation is named after comes first, what can be summed before what cannot.
  const rank = (column: string) => (name.includes(column) ? 0 : isRateLike.test(column) ? 2 : 1);
  // Of a view that names no key, a column of time may be anything.
  const time = columns.find(({ kind, name }) => kind === 'time' && primaryKey.includes(name));
  const measures = columns
    .filter(
      (column) =>
        column.kind === 'number' && !primaryKey.includes(column.name) && !isNameLike.test(column.name),
    )
    .sort((a, b) => rank(a.name) - rank(b.name));
  const category = columns.find(({ kind, name }) => kind === 'text' && !isNameLike.test(name));
  const base: ChartBase = {
    title: capitalized(name.replaceAll('_', ' ')),
    description: relation.description,
    dashboard,
    order: 0,
    width: 6,
    where: [],
  };
  const chart = (spec: Readonly<Record<string, unknown>>, rows: Partial<Chart> = {}): Chart =>
    ({ ...base, kind: 'chart', height: 260, spec, sort: null, limit: null, ...rows }) as Chart;
  const [measure, second] = measures;
  if (time && measure) {
    const series = columns.find(
      (column) => column.name !== time.name && primaryKey.includes(column.name) && column.kind === 'text',
    );
    return [chart({ mark: 'line', encoding: overTime(time, measure, series) })];
  }
  if (category && measure)
    return [
      chart(
        { mark: 'bar', encoding: byCategory(category, measure) },
        { sort: `"${measure.name}".desc.nullslast`, limit: 20 },
      ),
    ];
  if (primaryKey.length > 0 && measure && second)
    return [chart({ mark: 'point', encoding: { x: { field: measure.name }, y: { field: second.name } } })];
  if (primaryKey.length === 0 && measure && !category)
    return measures.slice(0, mostNumbers).map(
      ({ name: field }): Chart => ({
        ...base,
        title: capitalized(labelOf(field)),
        description: null,
        kind: 'kpi',
        width: 3,
        field,
        aggregate: isRateLike.test(field) ? 'avg' : 'sum',
        per: null,
        time: null,
        format: 'number',
        good: null,
      }),
    );
  return [{ ...base, kind: 'table', columns: null, sort: null, limit: 10, formats: {} }];
}

function overTime(time: ProjectColumn, measure: ProjectColumn, series: ProjectColumn | undefined) {
  return {
    x: { field: time.name, type: 'temporal', title: null },
    y: { field: measure.name, aggregate: isRateLike.test(measure.name) ? 'mean' : 'sum' },
    ...(series && { color: { field: series.name, type: 'nominal' } }),
  };
}

function byCategory(category: ProjectColumn, measure: ProjectColumn) {
  return {
    y: { field: category.name, type: 'nominal', sort: '-x', title: null },
    x: { field: measure.name, type: 'quantitative' },
  };
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
