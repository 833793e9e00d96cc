import { query } from '../../app/router.ts';
import { lineageHref, parseColumn } from '../../parts/catalog/names.ts';
import type { Catalog } from '../../parts/catalog/store.ts';
import type { Chain } from './chain.ts';
import { selectNodes, walk } from './select.ts';

/** With more nodes than these, only the neighbourhood of the chosen one is shown unless everything is asked for. */
export const manyNodes = 150;
const defaultDepth = 2;

/** What the graph shows, as its URL says: `/ui/lineage/gold.x?select=+gold.x&depth=2&tests=1&column=gold.x.receita&open=gold.x&view=list`. */
export function wantedOf(name: string, catalog: Catalog) {
  const own = query.value;
  const depth = own.get('depth');
  return {
    selected: catalog.byName.has(name) ? name : null,
    select: own.get('select'),
    depth: depth !== null && /^[1-9]\d?$/.test(depth) ? Number(depth) : null,
    hasTests: own.get('tests') === '1',
    column: parseColumn(own.get('column'), catalog.byName),
    open: new Set(own.getAll('open').filter((name) => catalog.byName.has(name))),
    isList: own.get('view') === 'list',
  };
}
export type Wanted = ReturnType<typeof wantedOf>;

/** The graph around another node, with what else the URL says; the way of a column belongs to its own node. */
export function linkTo(name: string | null): string {
  const params = new URLSearchParams(query.value);
  if (name === null || !params.get('column')?.startsWith(`${name}.`)) params.delete('column');
  const search = params.size > 0 ? `?${params}` : '';
  return `${name === null ? '/ui/lineage' : lineageHref(name)}${search}`;
}

export interface Scope {
  readonly names: ReadonlySet<string>;
  /** What of the selection selects nothing. */
  readonly wrong: readonly string[];
  /** The steps around the selected node that are shown for want of another word; null: more is shown. */
  readonly around: number | null;
}

/** The nodes that are shown: what is selected, the node that the path names and the way of the column always among them. */
export function scopeOf(catalog: Catalog, wanted: Wanted, chain: Chain | null): Scope {
  const { selected, select, depth, hasTests } = wanted;
  const steps = depth ?? Number.POSITIVE_INFINITY;
  const isMany = catalog.nodes.length > manyNodes;
  const around = select === null && selected !== null ? (depth ?? (isMany ? defaultDepth : null)) : null;
  const chosen =
    select !== null
      ? selectNodes(catalog, select, steps)
      : {
          names: around === null ? new Set(catalog.byName.keys()) : neighbourhood(catalog, selected!, around),
          wrong: [],
        };
  const names = new Set(
    [...chosen.names].filter((name) => hasTests || catalog.byName.get(name)?.kind !== 'test'),
  );
  if (selected !== null) names.add(selected);
  for (const name of chain?.byNode.keys() ?? []) if (catalog.byName.has(name)) names.add(name);
  return { names, wrong: chosen.wrong, around };
}

function neighbourhood({ byName, children }: Catalog, name: string, steps: number): Set<string> {
  return new Set([
    ...walk([name], (one) => byName.get(one)?.parents ?? [], steps),
    ...walk([name], (one) => children.get(one) ?? [], steps),
  ]);
}

/** All that a node depends on, and all that depends on it. */
export function relatedOf({ byName, children }: Catalog, name: string | null) {
  if (name === null) return null;
  const before = walk([name], (one) => byName.get(one)?.parents ?? [], Number.POSITIVE_INFINITY);
  const after = walk([name], (one) => children.get(one) ?? [], Number.POSITIVE_INFINITY);
  before.delete(name);
  after.delete(name);
  return { before, after };
}
