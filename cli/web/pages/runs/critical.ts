import type { Lane } from './lane.ts';

/**
 * The nodes that the end of a run waited for: back from the one that ended last, each time to the one that ended last before it began.
 * A node begins when its last parent or, where all connections are busy, any other ends; so this needs no graph.
 */
export function criticalNodes(lanes: readonly Lane[]): ReadonlySet<string> {
  const bars = lanes
    .flatMap(({ node, kind, bars }) =>
      kind === 'publish' ? [] : bars.flatMap(({ from, to }) => (to === null ? [] : [{ node, from, to }])),
    )
    .sort((a, b) => a.to - b.to);
  const critical = new Set<string>();
  let before = Number.POSITIVE_INFINITY;
  for (let i = bars.length - 1; i >= 0; i--) {
    const { node, from, to } = bars[i]!;
    if (to > before || from >= before) continue;
    critical.add(node);
    before = from;
  }
  return critical;
}
