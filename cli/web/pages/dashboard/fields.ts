import type { Chart, VegaChart } from '../../../project/charts/chart.ts';
import type { ProjectColumn, ProjectRelation } from '../../../serve/ui/shapes.ts';

type Json = Readonly<Record<string, unknown>>;

/** The columns of its relation that a chart reads. */
export function columnsOf(chart: Chart, relation: ProjectRelation): readonly string[] {
  const known = relation.columns.map(({ name }) => name);
  switch (chart.kind) {
    case 'kpi':
      return [chart.field, chart.per].filter((name): name is string => name !== null);
    case 'table':
      return chart.columns ?? known;
    case 'chart': {
      // Expressions of transforms may name any column.
      if ('transform' in chart.spec || JSON.stringify(chart.spec).includes('"transform"')) return known;
      const named = new Set(
        definitionsOf(chart).flatMap(({ field }) => (typeof field === 'string' ? [field] : [])),
      );
      return known.filter((name) => named.has(name) || named.has(name.replaceAll('.', '\\.')));
    }
  }
}

/** Formats that a chart gives its numbers, by field. */
export function formatsOf(spec: Json, { columns }: ProjectRelation): Readonly<Record<string, string>> {
  const others = new Set(columns.filter(({ kind }) => kind !== 'number').map(({ name }) => name));
  return Object.fromEntries(
    definitionsOf({ spec }).flatMap(({ field, format }) =>
      typeof field === 'string' && typeof format === 'string' && !others.has(field) ? [[field, format]] : [],
    ),
  );
}

/** Every definition of a channel in a chart, those within others too. */
export function definitionsOf({ spec }: Pick<VegaChart, 'spec'>): readonly Json[] {
  const found: Json[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      if ('field' in value || 'aggregate' in value) found.push(value as Json);
      Object.values(value).forEach(visit);
    }
  };
  visit(spec);
  return found;
}

/** The column that a range of days is about: the one that the chart shows time by, or the relation's first. */
export function timeColumnOf(chart: Chart, relation: ProjectRelation): string | undefined {
  const times = relation.columns.filter(({ kind }) => kind === 'time').map(({ name }) => name);
  if (chart.kind === 'kpi' && chart.time !== null) return chart.time;
  if (chart.kind === 'chart') {
    const shown = definitionsOf(chart).find(({ field }) => times.includes(field as string));
    if (shown) return shown.field as string;
  }
  return times[0];
}

/** The column whose value a click on a mark chooses. */
export function categoryOf(chart: VegaChart, relation: ProjectRelation): ProjectColumn | undefined {
  const isCategory = (definition: Json) =>
    definition.type !== 'quantitative' && definition.type !== 'temporal' && definition.bin === undefined;
  const names = definitionsOf(chart)
    .filter(isCategory)
    .map(({ field }) => field);
  return relation.columns.find(
    ({ name, kind }) => (kind === 'text' || kind === 'boolean') && names.includes(name),
  );
}
