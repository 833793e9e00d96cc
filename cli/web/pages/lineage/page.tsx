import '../../styles/lineage.css';
import { useMemo } from 'preact/hooks';
import type { ColumnSource } from '../../../serve/ui/catalog/shapes.ts';
import { texts } from '../../app/language.ts';
import type { PageProps } from '../../app/page-props.ts';
import { go, query, setQuery } from '../../app/router.ts';
import { catalogHref } from '../../parts/catalog/names.ts';
import { type Catalog, useCatalog, useColumnSources } from '../../parts/catalog/store.ts';
import { Graph } from '../../parts/graph/graph.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { chainOf, columnEdgesOf } from './chain.ts';
import { GraphList } from './graph-list.tsx';
import { Legend } from './legend.tsx';
import { Side } from './side.tsx';
import { Toolbar } from './toolbar.tsx';
import { linkTo, relatedOf, scopeOf, wantedOf } from './wanted.ts';

/** How nodes and columns come from each other, around the node that the path names. */
export function Page({ rest }: PageProps) {
  const { value, error, retry } = useCatalog();
  const { lineage } = texts.value;
  if (!value) return error ? <Failure error={error} retry={retry} /> : <Loading />;
  if (value.nodes.length === 0)
    return (
      <div class="notice">
        <h1>{texts.value.catalog.empty}</h1>
        <p>{texts.value.catalog.emptyHint}</p>
      </div>
    );
  if (rest !== '' && !value.byName.has(rest))
    return (
      <div class="notice">
        <h1>{lineage.noNode(rest)}</h1>
        <a href="/ui/lineage">{lineage.toAll}</a>
      </div>
    );
  return <LineageView name={rest} catalog={value} />;
}

function LineageView({ name, catalog }: { readonly name: string; readonly catalog: Catalog }) {
  const { lineage: text, app } = texts.value;
  const lineage = useColumnSources();
  const wanted = wantedOf(name, catalog);
  const { selected, column, isList } = wanted;
  const search = query.value.toString();
  const chain = useMemo(
    () => (lineage && column ? chainOf(lineage, column) : null),
    [lineage, column?.node, column?.column],
  );
  const scope = useMemo(() => scopeOf(catalog, wanted, chain), [catalog, name, search, chain]);
  const nodes = useMemo(() => catalog.nodes.filter((node) => scope.names.has(node.name)), [catalog, scope]);
  const related = useMemo(() => relatedOf(catalog, selected), [catalog, selected]);
  const columns = useMemo(() => {
    const shown = new Map<string, readonly string[]>();
    for (const { name, columns } of nodes) {
      if (wanted.open.has(name) && columns.length > 0) shown.set(name, columns);
      // Of a node on the way, in the order in which it has them.
      else if (chain?.byNode.has(name)) shown.set(name, inOrder(chain.byNode.get(name)!, columns));
    }
    return shown;
  }, [nodes, chain, search]);
  const columnEdges = useMemo(() => (lineage ? columnEdgesOf(lineage, columns) : []), [lineage, columns]);
  const expandable = useMemo(
    () => new Set(nodes.filter(({ columns }) => columns.length > 0).map(({ name }) => name)),
    [nodes],
  );

  const choose = (next: string | null) => go(linkTo(next));
  const chooseColumn = (next: ColumnSource) => {
    const isChosen = next.node === column?.node && next.column === column.column;
    setQuery({ column: isChosen ? null : `${next.node}.${next.column}` });
  };
  const expand = (one: string) => {
    const open = new Set(wanted.open);
    if (!open.delete(one)) open.add(one);
    setQuery({ open: [...open] });
  };
  return (
    <>
      <header class="lineage-head">
        <h1>{selected ?? app.lineage}</h1>
        <Toolbar catalog={catalog} wanted={wanted} scope={scope} shown={nodes.length} />
      </header>
      <div class={selected ? 'lineage with-side' : 'lineage'}>
        {isList ? (
          <GraphList nodes={nodes} catalog={catalog} selected={selected} />
        ) : (
          <Graph
            label={text.graph}
            nodes={nodes}
            layers={catalog.layers}
            stale={catalog.stale}
            selected={selected}
            related={related}
            columns={columns}
            columnEdges={columnEdges}
            chain={chain}
            expandable={expandable}
            onSelect={choose}
            onOpen={(one) => go(catalogHref(one))}
            onExpand={expand}
            onColumn={chooseColumn}
          />
        )}
        {selected && (
          <Side
            node={catalog.byName.get(selected)!}
            catalog={catalog}
            chain={chain}
            onClose={() => choose(null)}
            onColumn={chooseColumn}
          />
        )}
      </div>
      {!isList && <Legend layers={catalog.layers} />}
    </>
  );
}

function inOrder(names: readonly string[], all: readonly string[]): readonly string[] {
  return [...all.filter((name) => names.includes(name)), ...names.filter((name) => !all.includes(name))];
}
