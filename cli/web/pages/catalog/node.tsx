import { signal } from '@preact/signals';
import { Fragment } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { CatalogDetail } from '../../../serve/ui/catalog/shapes.ts';
import { formatAgo, formatDuration, formatMoment, formatNumber } from '../../app/format.ts';
import { askJson } from '../../app/http.ts';
import { texts } from '../../app/language.ts';
import { catalogHref, lineageHref } from '../../parts/catalog/names.ts';
import { NodeState } from '../../parts/catalog/state-badge.tsx';
import { type Catalog, now, watch } from '../../parts/catalog/store.ts';
import { Code } from '../../parts/code/code.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { Columns } from './columns.tsx';
import { History } from './history.tsx';
import { Neighbours } from './neighbours.tsx';
import { Tests } from './tests.tsx';

/** All that is known of a node. */
export function NodePage({ name, catalog }: { readonly name: string; readonly catalog: Catalog }) {
  const { detail, error, retry } = useDetail(name);
  if (!detail) return error ? <Failure error={error} retry={retry} /> : <Loading />;
  return <NodeView detail={detail} catalog={catalog} />;
}

function useDetail(name: string) {
  const own = useMemo(
    () => ({ detail: signal<CatalogDetail | undefined>(undefined), error: signal<unknown>(undefined) }),
    [name],
  );
  const read = async () => {
    try {
      own.detail.value = await askJson<CatalogDetail>(`/ui/api/catalog/${encodeURIComponent(name)}`);
      own.error.value = undefined;
    } catch (error) {
      own.error.value = error;
    }
  };
  useEffect(() => watch(read), [name]);
  return { detail: own.detail.value, error: own.error.value, retry: () => void read() };
}

function NodeView({ detail, catalog }: { readonly detail: CatalogDetail; readonly catalog: Catalog }) {
  const { catalog: text, app } = texts.value;
  const { name, kind, relation, template, sql, columns, tests, history } = detail;
  const listed = catalog.byName.get(name);
  return (
    <article class="node-page">
      <header>
        <nav aria-label={app.catalog}>
          <a href="/ui/catalog">{app.catalog}</a>
        </nav>
        <div class="node-title">
          <h1>{name}</h1>
          {listed && <NodeState node={listed} stale={catalog.stale} />}
          {detail.tags.map((tag) => (
            <a key={tag} class="tag" href={`/ui/catalog?tag=${encodeURIComponent(tag)}`}>
              {tag}
            </a>
          ))}
        </div>
        {detail.description && <p class="node-description">{detail.description}</p>}
        <p class="node-links">
          <a href={lineageHref(name)}>{app.lineage}</a>
          {relation?.isExposed && (
            <a href={`/ui/explore/${encodeURIComponent(`${relation.schema}.${relation.name}`)}`}>
              {app.explore}
            </a>
          )}
        </p>
      </header>
      <div class="node-parts">
        <div class="node-column">
          <section class="panel" aria-labelledby="facts">
            <h2 id="facts">{text.facts}</h2>
            <Facts detail={detail} />
          </section>
          {Object.keys(detail.meta).length > 0 && <Meta meta={detail.meta} />}
        </div>
        {tests.length + history.length > 0 && (
          <div class="node-column">
            {tests.length > 0 && <Tests tests={tests} />}
            {history.length > 0 && <History history={history} />}
          </div>
        )}
        <Neighbours detail={detail} catalog={catalog} />
        {columns.length > 0 && <Columns name={name} kind={kind} columns={columns} />}
        {(template || sql) && <Sql detail={detail} />}
      </div>
    </article>
  );
}

function Facts({ detail }: { readonly detail: CatalogDetail }) {
  const { catalog: text } = texts.value;
  const { kind, materialized, relation, file, primaryKey, foreignKeys, freshAt, rows, bytes, durationMs } =
    detail;
  return (
    <dl class="facts">
      <dt>{text.kind}</dt>
      <dd>
        {text.kinds[kind]}
        {materialized && `, ${text.kinds[materialized as 'table'] ?? materialized}`}
      </dd>
      {relation && (
        <>
          <dt>{text.relation}</dt>
          <dd>
            <code>
              {relation.schema}.{relation.name}
            </code>
          </dd>
        </>
      )}
      {file && (
        <>
          <dt>{text.file}</dt>
          <dd>
            <code>{file}</code>
          </dd>
        </>
      )}
      {primaryKey.length > 0 && (
        <>
          <dt>{text.key}</dt>
          <dd>
            <code>{primaryKey.join(', ')}</code>
          </dd>
        </>
      )}
      {foreignKeys.length > 0 && (
        <>
          <dt>{text.foreignKeys}</dt>
          <dd>
            {foreignKeys.map(({ columns, references }) => (
              <div key={columns.join()}>
                <code>{columns.join(', ')}</code> →{' '}
                <a href={catalogHref(references)}>
                  <code>{references}</code>
                </a>
              </div>
            ))}
          </dd>
        </>
      )}
      {freshAt && (
        <>
          <dt>{text.freshness}</dt>
          <dd>
            <time dateTime={freshAt}>
              {formatAgo(freshAt, now.value)} <span class="dim">({formatMoment(freshAt)})</span>
            </time>
          </dd>
        </>
      )}
      {rows !== null && (
        <>
          <dt>{text.rows}</dt>
          <dd>{formatNumber(rows)}</dd>
        </>
      )}
      {bytes !== null && (
        <>
          <dt>{text.size}</dt>
          <dd>{formatBytes(bytes)}</dd>
        </>
      )}
      {durationMs !== null && (
        <>
          <dt>{text.lastTook}</dt>
          <dd>{formatDuration(durationMs)}</dd>
        </>
      )}
    </dl>
  );
}

/** `1.5 MB`, in the language. */
function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1000)));
  return formatNumber(bytes / 1000 ** power, {
    style: 'unit',
    unit: units[power],
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power === 0 ? 0 : 1,
  });
}

/** As it was written and as it was run: both are there where they differ. */
function Sql({ detail: { template, sql } }: { readonly detail: CatalogDetail }) {
  const { catalog: text } = texts.value;
  return (
    <section class="panel wide" aria-labelledby="sql">
      <h2 id="sql">SQL</h2>
      {template && (
        <details open>
          <summary>{text.asWritten}</summary>
          <Code sql={template} label={text.asWritten} />
        </details>
      )}
      {sql && (
        <details open={!template}>
          <summary>{text.asRun}</summary>
          <Code sql={sql} label={text.asRun} />
        </details>
      )}
    </section>
  );
}

function Meta({ meta }: Pick<CatalogDetail, 'meta'>) {
  const { catalog: text } = texts.value;
  return (
    <section class="panel" aria-labelledby="meta">
      <h2 id="meta">{text.meta}</h2>
      <dl class="facts">
        {Object.entries(meta).map(([key, value]) => (
          <Fragment key={key}>
            <dt>{key}</dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
