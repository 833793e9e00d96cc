import { formatWhere, MedallionError } from '../errors/index.js';
import type { NodeName } from '../project/model.js';
import type { Edge } from './edges.js';

/**
 * Parents before children. Depth first, with a stack of its own: a chain of thousands of models must not overflow the call stack.
 * @throws MedallionError MDL1304
 */
export function sortParentsFirst(
  names: readonly NodeName[],
  edges: ReadonlyMap<NodeName, readonly Edge[]>,
): NodeName[] {
  const order: NodeName[] = [];
  const state = new Map<NodeName, 'open' | 'done'>();
  for (const start of names) {
    if (state.has(start)) continue;
    const path: { name: NodeName; next: number }[] = [{ name: start, next: 0 }];
    state.set(start, 'open');
    while (path.length > 0) {
      const top = path.at(-1)!;
      const edge = edges.get(top.name)?.[top.next++];
      if (!edge) {
        state.set(top.name, 'done');
        order.push(top.name);
        path.pop();
      } else if (state.get(edge.parent) === 'open') {
        throw circle(
          [
            ...path.slice(path.findIndex(({ name }) => name === edge.parent)).map(({ name }) => name),
            edge.parent,
          ],
          edges,
        );
      } else if (!state.has(edge.parent)) {
        state.set(edge.parent, 'open');
        path.push({ name: edge.parent, next: 0 });
      }
    }
  }
  return order;
}

function circle(names: readonly NodeName[], edges: ReadonlyMap<NodeName, readonly Edge[]>): MedallionError {
  const places = names
    .slice(0, -1)
    .map((name, i) => edges.get(name)!.find((edge) => edge.parent === names[i + 1])!.where);
  const message =
    names.length === 2
      ? `${names[0]} reads itself.`
      : `Models read each other in a circle: ${names.join(' -> ')}.`;
  const others = places.slice(1).map(formatWhere);
  return new MedallionError('MDL1304', {
    message,
    where: places[0],
    hint:
      others.length > 0
        ? `Take one of these references out; the others are at ${others.join(', ')}.`
        : 'Take the reference out.',
  });
}

/** Makes the function that finds all that a node reads, directly or through others. */
export function ancestorFinder(
  edges: ReadonlyMap<NodeName, readonly Edge[]>,
): (name: NodeName) => ReadonlySet<NodeName> {
  return (name) => {
    const found = new Set<NodeName>();
    const open = [name];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const { parent } of edges.get(next) ?? []) {
        if (!found.has(parent)) {
          found.add(parent);
          open.push(parent);
        }
      }
    }
    return found;
  };
}
