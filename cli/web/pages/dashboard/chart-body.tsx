import { useMemo, useRef } from 'preact/hooks';
import type { TableChart, VegaChart } from '../../../project/charts/chart.ts';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { inLanguage, language, texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { identifier } from '../../parts/dialect.ts';
import { Failure } from '../../parts/states.tsx';
import type { Drawn } from '../../parts/vega/draw.ts';
import { ChartMenu } from './chart-menu.tsx';
import { type Request, shownOf, useDataset } from './datasets.ts';
import { columnsOf, formatsOf } from './fields.ts';
import type { Conditions } from './filters.ts';
import { pushDown } from './push-down.ts';
import { RowsTable } from './rows-table.tsx';
import { titlesWith } from './titles.ts';
import { VegaView } from './vega-chart.tsx';

interface ChartBodyProps {
  readonly chart: VegaChart | TableChart;
  readonly relation: ProjectRelation;
  readonly conditions: Conditions;
  readonly choosable: ReadonlySet<string>;
  /** The id of its heading. */
  readonly heading: string;
  readonly title: string;
  readonly isSeen: boolean;
}

/** A chart or table with its heading and menu, from its rows on their way to the drawing. */
export function ChartBody({
  chart,
  relation,
  conditions,
  choosable,
  heading,
  title,
  isSeen,
}: ChartBodyProps) {
  const { dashboard } = texts.value;
  const drawn = useRef<Drawn | undefined>(undefined);
  const aggregates = project.value?.aggregates ?? false;
  const pushed = useMemo(
    () => (chart.kind === 'chart' && aggregates ? pushDown(chart, relation) : undefined),
    [chart, relation, aggregates],
  );
  const titleOf = useMemo(() => titlesWith(pushed?.made), [pushed, language.value]);
  const request: Request | null = isSeen
    ? {
        relation,
        conditions,
        select: pushed?.select ?? columnsOf(chart, relation).map(identifier),
        sort: chart.sort,
        limit: chart.limit,
      }
    : null;
  const loaded = useDataset(request);
  const dataset = shownOf(loaded);
  const columns = chart.kind === 'table' ? columnsOf(chart, relation) : Object.keys(dataset?.rows[0] ?? {});
  const formats = useMemo(
    () => (chart.kind === 'table' ? chart.formats : formatsOf(pushed?.spec ?? chart.spec, relation)),
    [chart, pushed, relation],
  );
  return (
    <>
      <header>
        <div>
          <h2 id={heading}>{title}</h2>
          {chart.description && <p class="dim">{inLanguage(chart.description)}</p>}
        </div>
        <ChartMenu
          {...{ title, relation, dataset, columns, formats, titleOf, choosable }}
          {...(chart.kind === 'chart' && { drawn })}
        />
      </header>
      {loaded.state === 'failed' && <Failure error={loaded.error} />}
      <div class="card-body" aria-busy={loaded.state === 'loading'}>
        {!dataset && loaded.state !== 'failed' && (
          <Waiting height={chart.kind === 'chart' ? chart.height : 40 + 32 * Math.min(chart.limit, 20)} />
        )}
        {dataset?.isCut && <p class="dim">{dashboard.cut(dataset.rows.length)}</p>}
        {dataset && chart.kind === 'chart' && dataset.rows.length === 0 && (
          <p class="dim">{dashboard.noRows}</p>
        )}
        {dataset && chart.kind === 'chart' && dataset.rows.length > 0 && (
          <VegaView spec={pushed?.spec ?? chart.spec} {...{ chart, relation, dataset, titleOf, drawn }} />
        )}
        {dataset && chart.kind === 'table' && (
          <RowsTable
            rows={dataset.rows}
            caption={title}
            {...{ columns, relation, formats, titleOf, choosable }}
          />
        )}
      </div>
    </>
  );
}

function Waiting({ height }: { readonly height: number }) {
  return (
    <div
      class="waiting"
      style={{ height: `${height}px` }}
      role="status"
      aria-label={texts.value.app.loading}
    />
  );
}
