import type { ColumnSource, LineageAnswer } from '../../../serve/ui/catalog/shapes.ts';
import type { ColumnChain } from '../../parts/graph/graph-props.ts';

type ColumnEdge = readonly [from: ColumnSource, to: ColumnSource];

export interface Chain extends ColumnChain {
  /** Nearest first, without the column itself. */
  readonly before: readonly ColumnSource[];
  readonly after: readonly ColumnSource[];
}

const keyOf = ({ node, column }: ColumnSource) => `${node}\0${column}`;

const users = new WeakMap<LineageAnswer, ReadonlyMap<string, readonly ColumnSource[]>>();

/** The columns that are made from each one. */
function usersOf(lineage: LineageAnswer): ReadonlyMap<string, readonly ColumnSource[]> {
  const known = users.get(lineage);
  if (known) return known;
  const found = new Map<string, ColumnSource[]>();
  for (const [node, columns] of Object.entries(lineage))
    for (const [column, sources] of Object.entries(columns))
      for (const source of sources) {
        const key = keyOf(source);
        const list = found.get(key);
        if (list) list.push({ node, column });
        else found.set(key, [{ node, column }]);
      }
  users.set(lineage, found);
  return found;
}

/** The columns that a column comes from, and those that come from it, through all nodes. */
export function chainOf(lineage: LineageAnswer, column: ColumnSource): Chain {
  const made = usersOf(lineage);
  const before = follow(column, ({ node, column }) => lineage[node]?.[column] ?? []);
  const after = follow(column, (one) => made.get(keyOf(one)) ?? []);
  const byNode = new Map<string, string[]>();
  for (const one of [column, ...before, ...after]) {
    const list = byNode.get(one.node) ?? [];
    if (!list.includes(one.column)) list.push(one.column);
    byNode.set(one.node, list);
  }
  return { column, before, after, byNode };
}

function follow(
  start: ColumnSource,
  next: (column: ColumnSource) => readonly ColumnSource[],
): readonly ColumnSource[] {
  const seen = new Set([keyOf(start)]);
  const found: ColumnSource[] = [];
  let edge: readonly ColumnSource[] = [start];
  while (edge.length > 0) {
    const fresh: ColumnSource[] = [];
    for (const one of edge.flatMap(next)) {
      if (seen.has(keyOf(one))) continue;
      seen.add(keyOf(one));
      fresh.push(one);
    }
    found.push(...fresh);
    edge = fresh;
  }
  return found;
}

/** The edges between columns that are shown. */
export function columnEdgesOf(
  lineage: LineageAnswer,
  shown: ReadonlyMap<string, readonly string[]>,
): readonly ColumnEdge[] {
  return [...shown].flatMap(([node, columns]) =>
    columns.flatMap((column) =>
      (lineage[node]?.[column] ?? [])
        .filter((source) => shown.get(source.node)?.includes(source.column))
        .map((source): ColumnEdge => [source, { node, column }]),
    ),
  );
}
