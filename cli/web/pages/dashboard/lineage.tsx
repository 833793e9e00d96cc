import { useEffect, useState } from 'preact/hooks';
import type { CatalogDetail } from '../../../serve/ui/catalog/shapes.ts';
import { askJson, HttpError } from '../../app/http.ts';
import { texts } from '../../app/language.ts';
import { catalogHref, lineageHref } from '../../parts/catalog/names.ts';
import { Code } from '../../parts/code/code.tsx';
import { Failure, Loading } from '../../parts/states.tsx';

/** Where a chart's rows come from: its model, what that reads, and its SQL, to those who may see the catalog. */
export function Lineage({ node }: { readonly node: string }) {
  const { dashboard } = texts.value;
  const [detail, setDetail] = useState<CatalogDetail>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    askJson<CatalogDetail>(`/ui/api/catalog/${encodeURIComponent(node)}`).then(setDetail, setError);
  }, [node]);
  // Who may not look gets the model's name all the same; it is in the address of each of its charts.
  const isClosed = error instanceof HttpError && (error.status === 401 || error.status === 404);
  const sql = detail?.template ?? detail?.sql;
  return (
    <div class="chart-origin">
      <p>
        <a href={catalogHref(node)}>
          <code>{node}</code>
        </a>{' '}
        {detail?.file && <span class="dim">{detail.file}</span>}
      </p>
      {detail?.description && <p>{detail.description}</p>}
      {detail && detail.parents.length > 0 && (
        <>
          <h3>{dashboard.readsFrom}</h3>
          <ul>
            {detail.parents.map((parent) => (
              <li key={parent}>
                <a href={catalogHref(parent)}>
                  <code>{parent}</code>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      {sql && (
        <>
          <h3>SQL</h3>
          <Code sql={sql} label="SQL" />
        </>
      )}
      <p>
        <a href={lineageHref(node)}>{dashboard.inGraph}</a>
      </p>
      {isClosed && <p class="dim">{dashboard.lineageClosed}</p>}
      {error !== undefined && !isClosed && <Failure error={error} />}
      {!detail && error === undefined && <Loading />}
    </div>
  );
}
