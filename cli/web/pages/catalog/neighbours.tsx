import { useMemo } from 'preact/hooks';
import type { CatalogDetail } from '../../../serve/ui/catalog/shapes.ts';
import { texts } from '../../app/language.ts';
import { go } from '../../app/router.ts';
import { catalogHref } from '../../parts/catalog/names.ts';
import type { Catalog } from '../../parts/catalog/store.ts';
import { Graph } from '../../parts/graph/graph.tsx';

/** More than these to a side are listed, not drawn. */
const most = 40;
const none: ReadonlyMap<string, readonly string[]> = new Map();

/** What a node reads and what reads it: drawn, and as lists. */
export function Neighbours({
  detail: { name, parents, children },
  catalog,
}: {
  readonly detail: CatalogDetail;
  readonly catalog: Catalog;
}) {
  const { catalog: text, lineage } = texts.value;
  const nodes = useMemo(() => {
    const shown = new Set([name, ...parents.slice(0, most), ...children.slice(0, most)]);
    return catalog.nodes.filter((node) => shown.has(node.name));
  }, [catalog, name, parents.join(), children.join()]);
  const related = useMemo(
    () => ({ before: new Set(parents), after: new Set(children) }),
    [parents.join(), children.join()],
  );
  if (parents.length + children.length === 0) return null;
  const open = (one: string) => go(catalogHref(one));
  return (
    <section class="panel wide" aria-labelledby="neighbours">
      <h2 id="neighbours">{text.neighbours}</h2>
      <Graph
        label={lineage.graphAround(name)}
        nodes={nodes}
        layers={catalog.layers}
        stale={catalog.stale}
        selected={name}
        related={related}
        columns={none}
        columnEdges={[]}
        chain={null}
        expandable={new Set()}
        onSelect={open}
        onOpen={open}
        isSmall
      />
      <div class="neighbour-lists">
        <Names title={lineage.reads} names={parents} />
        <Names title={lineage.readBy} names={children} />
      </div>
    </section>
  );
}

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul class="names">
        {names.map((name) => (
          <li key={name}>
            <a href={catalogHref(name)}>{name}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}
