import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';
import { formatAgo, formatMoment, formatNumber } from '../../app/format.ts';
import { language, texts } from '../../app/language.ts';
import { layerClass } from '../../parts/catalog/layer.ts';
import { catalogHref, shortName } from '../../parts/catalog/names.ts';
import { NodeState } from '../../parts/catalog/state-badge.tsx';
import { type Catalog, now } from '../../parts/catalog/store.ts';
import { TestCounts } from '../../parts/catalog/test-counts.tsx';
import { More } from '../../parts/more.tsx';
import { FilterBar } from './filter-bar.tsx';
import { choicesOf, filters, type Group, groupsOf } from './filters.ts';

/** Rows that are drawn at once; more follow before they are scrolled to. */
const step = 120;

export function NodeList({ catalog }: { readonly catalog: Catalog }) {
  const { catalog: text } = texts.value;
  const wanted = filters.value;
  const groups = useMemo(() => groupsOf(catalog, wanted), [catalog, wanted]);
  const choices = useMemo(() => choicesOf(catalog), [catalog]);
  const shown = groups.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const [most, setMost] = useState(step);
  useEffect(() => setMost(step), [wanted]);
  let left = most;
  return (
    <>
      <header class="catalog-head">
        <h1>{texts.value.app.catalog}</h1>
        <p class="dim" role="status">
          {text.shown(formatNumber(shown), formatNumber(catalog.nodes.length))}
        </p>
        <FilterBar wanted={wanted} choices={choices} />
      </header>
      {shown === 0 && <p class="dim">{text.nothing}</p>}
      {groups.map((group) => {
        const rows = Math.min(left, group.nodes.length);
        left -= rows;
        return rows > 0 && <Section key={group.name} group={group} rows={rows} catalog={catalog} />;
      })}
      {shown > most && <More key={most} onSeen={() => setMost(most + 2 * step)} />}
    </>
  );
}

function Section({
  group: { name, nodes },
  rows,
  catalog,
}: {
  readonly group: Group;
  readonly rows: number;
  readonly catalog: Catalog;
}) {
  const { catalog: text } = texts.value;
  const title = text.groups[name as 'sources'] ?? name;
  const isMade = name !== 'sources';
  const at = now.value;
  // The same rows are not drawn anew for each letter that is typed elsewhere.
  const body = useMemo(
    () => nodes.slice(0, rows).map((node) => <Row key={node.name} node={node} catalog={catalog} />),
    [nodes, rows, catalog, language.value, at],
  );
  return (
    <section class="catalog-group" aria-labelledby={`group-${name}`}>
      <h2 id={`group-${name}`}>
        <span class={`layer-mark ${layerClass(name, catalog.layers)}`} aria-hidden="true" />
        <span class="title">{title}</span> <span class="dim">{formatNumber(nodes.length)}</span>
      </h2>
      <table class={`catalog-table ${name}`}>
        <thead>
          <tr>
            <th scope="col">{text.name}</th>
            {isMade && (
              <>
                <th scope="col">{text.state}</th>
                <th scope="col">{name === 'tests' ? text.lastRun : text.freshness}</th>
                {name !== 'tests' && (
                  <th scope="col" class="number">
                    {text.rows}
                  </th>
                )}
                <th scope="col">{text.tests}</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>{body}</tbody>
      </table>
    </section>
  );
}

function Row({ node, catalog }: { readonly node: CatalogNode; readonly catalog: Catalog }) {
  const { catalog: text } = texts.value;
  const { name, kind, layer, materialized, description, tags, rows } = node;
  const at = kind === 'test' ? node.ranAt : node.freshAt;
  return (
    <tr>
      <th scope="row">
        <a href={catalogHref(name)}>{shortName(name, layer)}</a>{' '}
        {materialized && <span class="dim kind">{text.kinds[materialized as 'table'] ?? materialized}</span>}
        {tags.map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
        {description && <p class="dim">{description}</p>}
      </th>
      {kind !== 'source' && (
        <>
          <td>
            <NodeState node={node} stale={catalog.stale} />
          </td>
          <td class="ago" data-label={kind === 'test' ? text.lastRun : text.freshness}>
            {at === null ? (
              '–'
            ) : (
              <time dateTime={at} title={formatMoment(at)}>
                {formatAgo(at, now.value)}
              </time>
            )}
          </td>
          {kind !== 'test' && (
            <td class="number" data-label={text.rows}>
              {rows === null ? '–' : formatNumber(rows)}
            </td>
          )}
          <td data-label={text.tests}>
            <TestCounts {...node.tests} />
          </td>
        </>
      )}
    </tr>
  );
}
