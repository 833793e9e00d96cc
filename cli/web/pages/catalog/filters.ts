import { computed } from '@preact/signals';
import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';
import { query } from '../../app/router.ts';
import { match, wordsOf } from '../../parts/catalog/find.ts';
import { type ShownState, shownState, shownStates } from '../../parts/catalog/states.ts';
import type { Catalog } from '../../parts/catalog/store.ts';

/** What the list shows, as its URL says: `?q=receita&layer=gold&kind=model&state=failed&tag=daily`. */
export const filters = computed(() => {
  const own = query.value;
  return {
    text: own.get('q') ?? '',
    layer: own.get('layer'),
    kind: own.get('kind'),
    state: own.get('state'),
    tag: own.get('tag'),
  };
});
export type Filters = typeof filters.value;

/** What stands together in the list: sources, each layer, tests. */
export function groupOf({ kind, layer }: CatalogNode): string {
  return kind === 'source' ? 'sources' : kind === 'test' ? 'tests' : (layer ?? 'others');
}

export interface Group {
  readonly name: string;
  readonly nodes: readonly CatalogNode[];
}

/** The nodes that the filters let through, in groups in the order in which data flows. */
export function groupsOf({ layers, nodes, stale }: Catalog, wanted: Filters): readonly Group[] {
  const words = wordsOf(wanted.text);
  const groups = new Map<string, CatalogNode[]>(
    ['sources', ...layers, 'others', 'tests'].map((name) => [name, []]),
  );
  for (const node of nodes) {
    if (
      (wanted.layer === null || groupOf(node) === wanted.layer) &&
      (wanted.kind === null || node.kind === wanted.kind || node.materialized === wanted.kind) &&
      (wanted.state === null || shownState(node, stale) === wanted.state) &&
      (wanted.tag === null || node.tags.includes(wanted.tag)) &&
      match(node, words)
    )
      groups.get(groupOf(node))?.push(node);
  }
  return [...groups].filter(([, own]) => own.length > 0).map(([name, own]) => ({ name, nodes: own }));
}

export interface Choices {
  readonly layers: readonly string[];
  readonly kinds: readonly string[];
  readonly states: readonly ShownState[];
  readonly tags: readonly string[];
}

/** What there is to choose from. */
export function choicesOf({ layers, nodes, stale }: Catalog): Choices {
  const groups = new Set(nodes.map(groupOf));
  const states = new Set(nodes.map((node) => shownState(node, stale)));
  return {
    layers: ['sources', ...layers, 'others', 'tests'].filter((name) => groups.has(name)),
    kinds: [
      ...new Set(
        nodes.flatMap(({ kind, materialized }) =>
          kind === 'model' && materialized ? [kind, materialized] : [kind],
        ),
      ),
    ],
    states: shownStates.filter((state) => states.has(state)),
    tags: [...new Set(nodes.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b)),
  };
}
