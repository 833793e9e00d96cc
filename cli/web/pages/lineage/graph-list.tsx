import { useMemo, useState } from 'preact/hooks';
import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';
import { texts } from '../../app/language.ts';
import { NodeState } from '../../parts/catalog/state-badge.tsx';
import type { Catalog } from '../../parts/catalog/store.ts';
import { More } from '../../parts/more.tsx';
import { linkTo } from './wanted.ts';

const step = 100;

/** The graph in words: what each node reads, and what reads it. */
export function GraphList({
  nodes,
  catalog,
  selected,
}: {
  readonly nodes: readonly CatalogNode[];
  readonly catalog: Catalog;
  readonly selected: string | null;
}) {
  const { lineage, catalog: text } = texts.value;
  const [most, setMost] = useState(step);
  // In the order in which data flows.
  const sorted = useMemo(() => {
    const rank = ({ kind, layer }: CatalogNode) =>
      kind === 'source' ? -1 : layer === null ? catalog.layers.length : catalog.layers.indexOf(layer);
    return [...nodes].sort((a, b) => rank(a) - rank(b));
  }, [nodes, catalog]);
  return (
    <div class="graph-list">
      <table>
        <caption class="hidden">{lineage.graph}</caption>
        <thead>
          <tr>
            <th scope="col">{text.name}</th>
            <th scope="col">{text.state}</th>
            <th scope="col">{lineage.reads}</th>
            <th scope="col">{lineage.readBy}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, most).map((node) => (
            <tr key={node.name} class={node.name === selected ? 'marked' : undefined}>
              <th scope="row">
                <a href={linkTo(node.name)} aria-current={node.name === selected ? 'true' : undefined}>
                  {node.name}
                </a>
              </th>
              <td>
                <NodeState node={node} stale={catalog.stale} />
              </td>
              <td data-label={lineage.reads}>
                <Names names={node.parents} />
              </td>
              <td data-label={lineage.readBy}>
                <Names names={catalog.children.get(node.name) ?? []} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {nodes.length > most && <More key={most} onSeen={() => setMost(most + 2 * step)} />}
    </div>
  );
}

function Names({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return <span class="dim">–</span>;
  return (
    <ul class="names">
      {names.map((name) => (
        <li key={name}>
          <a href={linkTo(name)}>{name}</a>
        </li>
      ))}
    </ul>
  );
}
