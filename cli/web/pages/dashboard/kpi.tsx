import type { KpiChart } from '../../../project/charts/chart.ts';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { inLanguage, texts } from '../../app/language.ts';
import { formatAs } from '../../app/number-format.ts';
import { project } from '../../app/project.ts';
import { identifier } from '../../parts/dialect.ts';
import { Failure } from '../../parts/states.tsx';
import { ChartMenu } from './chart-menu.tsx';
import { type Loaded, type Row, shownOf, useDataset } from './datasets.ts';
import { columnsOf } from './fields.ts';
import type { Conditions } from './filters.ts';

interface KpiProps {
  readonly chart: KpiChart;
  readonly relation: ProjectRelation;
  readonly conditions: Conditions;
  /** Those of the period before; null: there is none. */
  readonly before: Conditions | null;
  /** The id of its heading. */
  readonly heading: string;
  readonly title: string;
  readonly isSeen: boolean;
}

/** One number and how much it differs from the period before. */
export function Kpi({ chart, relation, conditions, before, heading, title, isSeen }: KpiProps) {
  const select = selectOf(chart, relation);
  const request = (own: Conditions) => ({ relation, select, conditions: own, sort: null, limit: null });
  const now = useDataset(isSeen ? request(conditions) : null);
  const then = useDataset(isSeen && before ? request(before) : null);
  const value = numberOf(now, chart);
  const earlier = before && numberOf(then, chart);
  const format = chart.format === 'number' ? undefined : chart.format;
  const read = shownOf(now);
  // What is saved of it is the number, and not what it was made from.
  const dataset = read &&
    value !== undefined && {
      ...read,
      rows: [{ value, ...(before && { before: earlier ?? null }) }],
    };
  const { dashboard } = texts.value;
  return (
    <>
      <header>
        <h2 id={heading}>{title}</h2>
        <ChartMenu
          title={title}
          relation={relation}
          dataset={dataset || undefined}
          columns={before ? ['value', 'before'] : ['value']}
          formats={format === undefined ? {} : { value: format, before: format }}
          titleOf={(name) => (name === 'before' ? dashboard.periodBefore : title)}
        />
      </header>
      {now.state === 'failed' && <Failure error={now.error} />}
      <div aria-busy={now.state === 'loading'}>
        <p class="kpi-value" title={value === undefined ? undefined : formatAs(value, format)}>
          {value === undefined ? '…' : formatAs(value, format, true)}
        </p>
        {read?.isCut && <p class="chart-note">{dashboard.cut(read.rows.length)}</p>}
        {chart.description && <p class="dim">{inLanguage(chart.description)}</p>}
        {chart.time !== null && <Change value={value} earlier={earlier} chart={chart} format={format} />}
      </div>
    </>
  );
}

function Change({
  value,
  earlier,
  chart,
  format,
}: {
  readonly value: number | null | undefined;
  readonly earlier: number | null | undefined;
  readonly chart: KpiChart;
  readonly format: string | undefined;
}) {
  const { dashboard } = texts.value;
  if (typeof value !== 'number' || typeof earlier !== 'number' || earlier === 0)
    return <p class="kpi-change dim">{value === undefined ? '\u00a0' : dashboard.noPeriodBefore}</p>;
  const change = (value - earlier) / Math.abs(earlier);
  const direction = change > 0 ? 'up' : change < 0 ? 'down' : null;
  const news =
    direction === null || chart.good === null ? '' : direction === chart.good ? 'good-news' : 'bad-news';
  return (
    <p class={`kpi-change ${news}`} title={dashboard.before(formatAs(earlier, format))}>
      <span aria-hidden="true">{direction === 'up' ? '▲' : direction === 'down' ? '▼' : '='}</span>{' '}
      <span class="hidden">{dashboard.change[direction ?? 'same']}</span>
      {formatAs(Math.abs(change), 'percent')} <span class="dim">{dashboard.againstBefore}</span>
    </p>
  );
}

/** Sums of the database where it may make them, else the rows. */
function selectOf(chart: KpiChart, relation: ProjectRelation): readonly string[] {
  const { field, aggregate, per } = chart;
  if (!project.value?.aggregates) {
    const columns = columnsOf(chart, relation);
    return (columns.length > 0 ? columns : relation.columns.slice(0, 1).map(({ name }) => name)).map(
      identifier,
    );
  }
  return [
    field === null ? 'value:count()' : `value:${identifier(field)}.${aggregate}()`,
    ...(per === null ? [] : [`per:${identifier(per)}.sum()`]),
  ];
}

function numberOf(loaded: Loaded, chart: KpiChart): number | null | undefined {
  const rows = shownOf(loaded)?.rows;
  if (!rows) return undefined;
  const { value, per } = project.value?.aggregates ? madeSums(rows) : ownSums(rows, chart);
  if (value === null) return null;
  return chart.per === null ? value : per ? value / per : null;
}

interface Sums {
  readonly value: number | null;
  readonly per: number | null;
}

function madeSums([row]: readonly Row[]): Sums {
  const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
  return { value: number(row?.value), per: number(row?.per) };
}

function ownSums(rows: readonly Row[], { field, aggregate, per }: KpiChart): Sums {
  const numbers = (name: string) =>
    rows.flatMap((row) => (row[name] === null || row[name] === undefined ? [] : [Number(row[name])]));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const perSum = per === null ? null : sum(numbers(per));
  if (field === null) return { value: rows.length, per: perSum };
  const values = numbers(field);
  const made = {
    sum: () => sum(values),
    avg: () => sum(values) / values.length,
    min: () => values.reduce((a, b) => Math.min(a, b)),
    max: () => values.reduce((a, b) => Math.max(a, b)),
    count: () => values.length,
  };
  return { value: values.length === 0 && aggregate !== 'count' ? null : made[aggregate](), per: perSum };
}
