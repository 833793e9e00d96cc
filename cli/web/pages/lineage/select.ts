import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';
import type { Catalog } from '../../parts/catalog/store.ts';

type Method = (node: CatalogNode, matches: (text: string) => boolean) => boolean;

const methods: Readonly<Record<string, Method>> = {
  name: ({ name }, matches) => matches(name) || matches(name.slice(name.indexOf('.') + 1)),
  tag: ({ tags }, matches) => tags.some(matches),
  layer: ({ layer }, matches) => layer !== null && matches(layer),
  kind: ({ kind }, matches) => matches(kind),
  materialized: ({ kind, materialized }, matches) => kind === 'model' && matches(materialized ?? ''),
  source: ({ kind, name }, matches) =>
    kind === 'source' && (matches(name.slice('source:'.length)) || matches(name.slice(7).split('.')[0]!)),
};

/** `2+tag:daily+` */
const criterion = /^(@)?(?:(\d*)(\+))?(?:([a-z_]+):)?([^+@]+?)(?:(\+)(\d*))?$/;

export interface Selected {
  readonly names: ReadonlySet<string>;
  /** What of the text is no selection, or selects nothing. */
  readonly wrong: readonly string[];
}

/**
 * The nodes that a selection names, in the syntax of `--select`: `+gold.x`, `gold.x+`, `2+gold.x+1`, `@silver.y`, `silver.*`, `tag:daily`, `layer:gold,tag:daily`.
 * @param depth generations that a bare `+` adds; Infinity: all
 */
export function selectNodes(catalog: Catalog, text: string, depth: number): Selected {
  const names = new Set<string>();
  const wrong: string[] = [];
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const sets = word.split(',').map((part) => evaluate(catalog, part, depth));
    const known = sets.filter((set) => set !== undefined);
    const both =
      known.length < sets.length ? [] : [...known[0]!].filter((name) => known.every((set) => set.has(name)));
    if (both.length === 0) wrong.push(word);
    for (const name of both) names.add(name);
  }
  return { names, wrong };
}

function evaluate(
  { nodes, byName, children }: Catalog,
  text: string,
  depth: number,
): ReadonlySet<string> | undefined {
  const found = criterion.exec(text);
  if (!found) return undefined;
  const [, at, before, plusBefore, method = 'name', value, plusAfter, after] = found;
  const own = methods[method];
  if (!own) return undefined;
  const matches = matcher(value!);
  const seeds = nodes.filter((node) => own(node, matches)).map(({ name }) => name);
  const parentsOf = (name: string) => byName.get(name)?.parents ?? [];
  const childrenOf = (name: string) => children.get(name) ?? [];
  const steps = (plus: string | undefined, count: string | undefined) =>
    plus === undefined ? 0 : count ? Number(count) : depth;
  if (at) return walk(walk(seeds, childrenOf, depth), parentsOf, depth);
  return new Set([
    ...walk(seeds, parentsOf, steps(plusBefore, before)),
    ...walk(seeds, childrenOf, steps(plusAfter, after)),
  ]);
}

function matcher(pattern: string): (text: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 'u');
  return (text) => expression.test(text);
}

/** What is reached in so many steps, the beginning included. */
export function walk(
  seeds: Iterable<string>,
  next: (name: string) => readonly string[],
  steps: number,
): Set<string> {
  const reached = new Set(seeds);
  let edge = [...reached];
  for (let step = 0; step < steps && edge.length > 0; step++) {
    edge = [...new Set(edge.flatMap(next))].filter((name) => !reached.has(name));
    for (const name of edge) reached.add(name);
  }
  return reached;
}
