import { useState } from 'preact/hooks';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { texts } from '../../app/language.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { saveAs, saveText, toCsv } from '../../parts/save.ts';
import type { Drawn } from '../../parts/vega/draw.ts';
import { CardMenu } from './card-menu.tsx';
import type { Dataset } from './datasets.ts';
import { Lineage } from './lineage.tsx';
import { RowsTable } from './rows-table.tsx';
import type { TitleOf } from './titles.ts';

interface ChartMenuProps {
  readonly title: string;
  readonly relation: ProjectRelation;
  /** Undefined: not there yet. */
  readonly dataset: Dataset | undefined;
  readonly columns: readonly string[];
  readonly formats?: Readonly<Record<string, string>>;
  readonly titleOf?: TitleOf;
  readonly choosable?: ReadonlySet<string>;
  /** What can be saved as a picture. */
  readonly drawn?: { readonly current: Drawn | undefined };
}

/** What can be taken along of a chart: its rows, its picture, where it comes from. */
export function ChartMenu({ title, relation, dataset, columns, drawn, ...table }: ChartMenuProps) {
  const { dashboard } = texts.value;
  const [shown, setShown] = useState<'data' | 'lineage' | null>(null);
  const name = `${relation.name}-${title}`.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-').toLowerCase();
  const close = () => setShown(null);
  const savePicture = async (type: 'png' | 'svg') => {
    const address = await drawn?.current?.picture(type);
    if (address) saveAs(address, `${name}.${type}`);
  };
  return (
    <>
      <CardMenu title={title}>
        <button type="button" disabled={!dataset} onClick={() => setShown('data')}>
          {dashboard.showData}
        </button>
        <button
          type="button"
          disabled={!dataset}
          onClick={() => dataset && saveText(toCsv(dataset.rows), `${name}.csv`, 'text/csv')}
        >
          CSV
        </button>
        <button
          type="button"
          disabled={!dataset}
          onClick={() =>
            dataset && saveText(JSON.stringify(dataset.rows, null, 1), `${name}.json`, 'application/json')
          }
        >
          JSON
        </button>
        {drawn &&
          (['png', 'svg'] as const).map((type) => (
            <button key={type} type="button" disabled={!dataset} onClick={() => void savePicture(type)}>
              {type.toUpperCase()}
            </button>
          ))}
        <a href={`/ui/explore/${relation.schema}.${relation.name}`}>{dashboard.explore}</a>
        {relation.node && (
          <button type="button" onClick={() => setShown('lineage')}>
            {dashboard.lineage}
          </button>
        )}
      </CardMenu>
      {shown === 'data' && dataset && (
        <Dialog title={title} wide onClose={close}>
          <p class="dim chart-address">
            <code>{decodeURIComponent(dataset.url.replaceAll('+', ' '))}</code>
          </p>
          <RowsTable rows={dataset.rows} columns={columns} relation={relation} caption={title} {...table} />
        </Dialog>
      )}
      {shown === 'lineage' && relation.node && (
        <Dialog title={`${dashboard.lineage}: ${title}`} wide onClose={close}>
          <Lineage node={relation.node} />
        </Dialog>
      )}
    </>
  );
}
