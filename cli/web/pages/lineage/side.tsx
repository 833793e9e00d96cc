import type { CatalogNode, ColumnSource } from '../../../serve/ui/catalog/shapes.ts';
import { formatAgo, formatMoment, formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { setQuery } from '../../app/router.ts';
import { catalogHref, columnLineageHref } from '../../parts/catalog/names.ts';
import { NodeState } from '../../parts/catalog/state-badge.tsx';
import { type Catalog, now } from '../../parts/catalog/store.ts';
import { TestCounts } from '../../parts/catalog/test-counts.tsx';
import type { Chain } from './chain.ts';
import { linkTo } from './wanted.ts';

/** What is known of the selected node, beside the graph. */
export function Side({
  node,
  catalog,
  chain,
  onClose,
  onColumn,
}: {
  readonly node: CatalogNode;
  readonly catalog: Catalog;
  readonly chain: Chain | null;
  readonly onClose: () => void;
  readonly onColumn: (column: ColumnSource) => void;
}) {
  const { lineage, catalog: text, app } = texts.value;
  const { name, kind, materialized, description, tags, parents, columns, relation, freshAt, rows } = node;
  const children = catalog.children.get(name) ?? [];
  const show = (select: string) => setQuery({ select });
  return (
    <aside class="side panel" aria-label={name}>
      <header>
        <h2>{name}</h2>
        <button type="button" class="plain side-close" aria-label={app.close} onClick={onClose}>
          ✕
        </button>
      </header>
      <p class="side-line">
        <NodeState node={node} stale={catalog.stale} />
        <span class="dim">{text.kinds[(materialized ?? kind) as 'table'] ?? materialized}</span>
        {tags.map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
      </p>
      {description && <p>{description}</p>}
      <dl class="facts">
        {freshAt && (
          <>
            <dt>{text.freshness}</dt>
            <dd>
              <time dateTime={freshAt} title={formatMoment(freshAt)}>
                {formatAgo(freshAt, now.value)}
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
        {kind !== 'source' && (
          <>
            <dt>{text.tests}</dt>
            <dd>
              <TestCounts {...node.tests} />
            </dd>
          </>
        )}
      </dl>
      <p class="side-line">
        <a href={catalogHref(name)}>{lineage.inCatalog}</a>
        {relation?.isExposed && (
          <a href={`/ui/explore/${encodeURIComponent(`${relation.schema}.${relation.name}`)}`}>
            {app.explore}
          </a>
        )}
      </p>
      <fieldset class="side-line">
        <legend class="hidden">{lineage.onlyShow}</legend>
        <button type="button" title={lineage.beforeHint} onClick={() => show(`+${name}`)}>
          {lineage.onlyBefore}
        </button>
        <button type="button" title={lineage.afterHint} onClick={() => show(`${name}+`)}>
          {lineage.onlyAfter}
        </button>
        <button type="button" title={lineage.bothHint} onClick={() => show(`+${name}+`)}>
          {lineage.both}
        </button>
      </fieldset>
      {chain && chain.column.node === name && (
        <section aria-label={chain.column.column}>
          <h3>
            <code>{chain.column.column}</code>
          </h3>
          <ColumnLinks title={lineage.comesFrom} columns={chain.before} none={lineage.fromNothing} />
          <ColumnLinks title={lineage.goesTo} columns={chain.after} none={lineage.toNothing} />
        </section>
      )}
      {columns.length > 0 && (
        <details open={chain?.column.node === name || columns.length <= 12}>
          <summary>
            {text.columns} <span class="dim">{formatNumber(columns.length)}</span>
          </summary>
          <ul class="side-columns">
            {columns.map((column) => {
              const isChosen = chain?.column.node === name && chain.column.column === column;
              return (
                <li key={column}>
                  <button
                    type="button"
                    class={isChosen ? 'chosen' : 'plain'}
                    aria-pressed={isChosen}
                    onClick={() => onColumn({ node: name, column })}
                  >
                    <code>{column}</code>
                  </button>
                </li>
              );
            })}
          </ul>
        </details>
      )}
      <NodeLinks title={lineage.reads} names={parents} />
      <NodeLinks title={lineage.readBy} names={children} />
    </aside>
  );
}

function NodeLinks({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul class="names">
        {names.map((name) => (
          <li key={name}>
            <a href={linkTo(name)}>{name}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ColumnLinks({
  title,
  columns,
  none,
}: {
  readonly title: string;
  readonly columns: readonly ColumnSource[];
  readonly none: string;
}) {
  return (
    <>
      <h4>{title}</h4>
      {columns.length === 0 ? (
        <p class="dim">{none}</p>
      ) : (
        <ul class="names">
          {columns.map((column) => (
            <li key={`${column.node} ${column.column}`}>
              <a href={columnLineageHref(column)}>
                <code>
                  {column.node}.{column.column}
                </code>
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
