import type { Chart } from '../../../project/charts/chart.ts';
import type { ProjectAnswer, ProjectRelation, Text } from '../../../serve/ui/shapes.ts';
import { automaticCharts } from './automatic.ts';

/** A chart with the relation that it reads. */
export interface Placed {
  readonly id: string;
  readonly chart: Chart;
  readonly relation: ProjectRelation;
}

/** A page of charts. */
export interface Board {
  readonly name: string;
  /** Null: the page of what nobody has put anywhere. */
  readonly title: Text | null;
  readonly description: Text | null;
  /** `12 months` */
  readonly range: string | null;
  readonly charts: readonly Placed[];
}

/** Where charts stand that name no dashboard, and the automatic ones. */
const overview = 'overview';

/**
 * The dashboards: those of the configuration in its order, then others by name; at last those of models without charts of their own.
 * @param before what this made of an earlier answer: charts that are as they were stay the same, and are not drawn anew
 */
export function boardsOf(
  { dashboards, relations }: ProjectAnswer,
  before: readonly Board[] = [],
): readonly Board[] {
  const known = new Map(before.flatMap(({ charts }) => charts.map((placed) => [placed.id, placed])));
  const placed = relations.flatMap((relation) => {
    const own = relation.charts as readonly Chart[];
    return (own.length > 0 ? own : automaticCharts(relation, overview)).map((chart, i) => {
      const made = { id: `${relation.schema}.${relation.name}.${i}`, chart, relation };
      const same = known.get(made.id);
      return same && JSON.stringify(same) === JSON.stringify(made) ? same : made;
    });
  });
  const named = new Map(dashboards.map((dashboard) => [dashboard.name, dashboard]));
  const others = [...new Set(placed.map(({ chart }) => chart.dashboard))]
    .filter((name) => !named.has(name))
    .sort((a, b) => Number(a === overview) - Number(b === overview) || a.localeCompare(b));
  return [...named.keys(), ...others].flatMap((name) => {
    const charts = placed
      .filter(({ chart }) => chart.dashboard === name)
      .sort((a, b) => a.chart.order - b.chart.order);
    const {
      title = name === overview ? null : name,
      description = null,
      range = null,
    } = named.get(name) ?? {};
    return charts.length > 0 ? [{ name, title, description, range, charts }] : [];
  });
}
