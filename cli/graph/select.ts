import { didYouMean, MedallionError } from '../errors/index.js';
import type { NodeName } from '../project/model.js';
import type { Graph, GraphNode } from './node.js';

/** `2+tag:daily+` taken apart. */
interface Criterion {
  readonly method: string;
  readonly value: string;
  /** Generations of parents and children to add; Infinity for a bare `+`. */
  readonly parents: number;
  readonly children: number;
  /** `@name`: children, and all parents of those. */
  readonly atSign: boolean;
  readonly text: string;
}

type Method = (node: GraphNode, matches: (text: string) => boolean) => boolean;

/** Nodes that differ from what is published of them; `new`: those of them of which nothing is. Only a database knows. */
export interface Changes {
  readonly modified: ReadonlySet<NodeName>;
  readonly new: ReadonlySet<NodeName>;
}

const changeMethod = 'state';

/** How each selection method decides; the value may hold `*` and `?`. */
const methods: Readonly<Record<string, Method>> = {
  name: (node, matches) => matches(node.name) || matches(node.name.slice(node.name.indexOf('.') + 1)),
  tag: (node, matches) => node.tags.some(matches),
  path: (node, matches) =>
    matches(node.file) ||
    node.file.split('/').some((_, i, parts) => i > 0 && matches(parts.slice(0, i).join('/'))),
  layer: (node, matches) => matches(node.layer),
  kind: (node, matches) => matches(node.kind),
  materialized: (node, matches) => node.kind === 'model' && matches(node.parsed.model.materialized),
  source: (node, matches) =>
    node.kind === 'load' &&
    (matches(node.table.from) || matches(node.table.from.slice(0, node.table.from.indexOf('.')))),
};

export interface Selection {
  /** Each is a union of criteria separated by spaces; a comma means both. Empty: everything. */
  readonly select: readonly string[];
  readonly exclude: readonly string[];
}

/** Whether a selection asks for what differs from what is published: `state:modified`, `state:new`. */
export function needsChanges({ select = [], exclude = [] }: Partial<Selection>): boolean {
  return [...select, ...exclude].some((text) => /(^|[\s,@+\d])state:/.test(text));
}

/**
 * The nodes that dbt's selection syntax names: `gold.x`, `silver.*`, `+gold.x`, `2+x+1`, `@x`, `tag:daily`, `path:models/gold`, `state:modified`, `a,b`.
 * Singular tests and tests across models are selected with the models they guard, or by their own name.
 * @param changes what `state:` selects, which may be nothing
 * @throws MedallionError MDL1005 when a criterion is malformed or matches nothing
 */
export function selectNodes(graph: Graph, selection: Selection, changes?: Changes): ReadonlySet<NodeName> {
  const chosen =
    selection.select.length === 0 ? new Set(graph.nodes.keys()) : union(graph, selection.select, changes);
  if (selection.select.length > 0) addGuards(graph, chosen);
  for (const name of selection.exclude.length === 0 ? [] : union(graph, selection.exclude, changes))
    chosen.delete(name);
  return chosen;
}

function union(graph: Graph, texts: readonly string[], changes: Changes | undefined): Set<NodeName> {
  const result = new Set<NodeName>();
  for (const text of texts.flatMap((part) => part.split(/\s+/)).filter((part) => part !== '')) {
    const sets = text.split(',').map((part) => evaluate(graph, parseCriterion(part, text), changes));
    for (const name of sets[0]!) if (sets.every((set) => set.has(name))) result.add(name);
  }
  return result;
}

/** A test that needs several models runs when all of the models that it guards are built. */
function addGuards(graph: Graph, chosen: Set<NodeName>): void {
  for (const node of graph.nodes.values()) {
    if (node.kind === 'test' && node.guards.length > 0 && node.guards.every((name) => chosen.has(name)))
      chosen.add(node.name);
  }
}

function parseCriterion(text: string, whole: string): Criterion {
  const match = /^(@)?(?:(\d*)(\+))?(?:([a-z_.]+):)?([^+@:]+?)(?:(\+)(\d*))?$/.exec(text);
  if (!match || (match[1] && (match[3] || match[6]))) {
    throw new MedallionError('MDL1005', {
      message: `"${whole}" is not a selection.`,
      hint: 'For example: gold.vendas, silver.*, +gold.vendas, 2+gold.vendas+1, @silver.pedidos, tag:daily, path:models/gold, "tag:a,tag:b".',
    });
  }
  const [, at, before, plusBefore, method = 'name', value, plusAfter, after] = match;
  if (!methods[method] && method !== changeMethod) {
    throw new MedallionError('MDL1005', {
      message: `There is no selection method "${method}:".`,
      hint: didYouMean(method, [...Object.keys(methods), changeMethod]),
    });
  }
  const generations = (plus: string | undefined, count: string | undefined) =>
    plus ? (count ? Number(count) : Number.POSITIVE_INFINITY) : 0;
  return {
    method,
    value: value!,
    parents: generations(plusBefore, before),
    children: generations(plusAfter, after),
    atSign: at !== undefined,
    text,
  };
}

function evaluate(graph: Graph, criterion: Criterion, changes: Changes | undefined): ReadonlySet<NodeName> {
  const seeds =
    criterion.method === changeMethod ? changed(graph, criterion, changes) : matching(graph, criterion);
  const parentsOf = (name: NodeName) => graph.nodes.get(name)!.parents;
  const childrenOf = (name: NodeName) => graph.children.get(name)!;
  if (criterion.atSign) {
    const below = walk(seeds, childrenOf, Number.POSITIVE_INFINITY);
    return walk([...below], parentsOf, Number.POSITIVE_INFINITY);
  }
  return new Set([
    ...walk(seeds, parentsOf, criterion.parents),
    ...walk(seeds, childrenOf, criterion.children),
  ]);
}

/** That nothing has changed is no mistake of whoever selects. */
function changed(
  graph: Graph,
  { value, text }: Criterion,
  changes: Changes | undefined,
): readonly NodeName[] {
  if (value !== 'modified' && value !== 'new')
    throw new MedallionError('MDL1005', {
      message: `"${text}" selects nothing.`,
      hint: 'There are state:modified and state:new.',
    });
  if (!changes)
    throw new MedallionError('MDL9001', { message: `"${text}" was not held against what is published.` });
  return [...changes[value]].filter((name) => graph.nodes.has(name));
}

function matching(graph: Graph, criterion: Criterion): readonly NodeName[] {
  const pattern = new RegExp(
    `^${criterion.value
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'u',
  );
  const value =
    criterion.method === 'path' ? criterion.value.replace(/^\.\//, '').replace(/\/$/, '') : criterion.value;
  const matches = (text: string) => text === value || pattern.test(text);
  const seeds = [...graph.nodes.values()]
    .filter((node) => methods[criterion.method]!(node, matches))
    .map((node) => node.name);
  if (seeds.length === 0) {
    const known =
      criterion.method === 'name'
        ? [...graph.nodes.keys()]
        : criterion.method === 'tag'
          ? [...new Set([...graph.nodes.values()].flatMap((node) => node.tags))]
          : [];
    throw new MedallionError('MDL1005', {
      message: `"${criterion.text}" selects nothing.`,
      hint: known.length > 0 ? didYouMean(criterion.value, known) : undefined,
    });
  }
  return seeds;
}

function walk(
  seeds: readonly NodeName[],
  next: (name: NodeName) => readonly NodeName[],
  generations: number,
): Set<NodeName> {
  const reached = new Set(seeds);
  let edge: readonly NodeName[] = seeds;
  for (let step = 0; step < generations && edge.length > 0; step++) {
    edge = [...new Set(edge.flatMap(next))].filter((name) => !reached.has(name));
    for (const name of edge) reached.add(name);
  }
  return reached;
}
