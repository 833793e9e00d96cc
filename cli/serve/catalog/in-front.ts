import type { ForeignKey } from './relationships.js';

/** By exposed schema the one whose relations stand in front of it: each takes the place of the exposed one of its name, or comes beside them. */
export type Fronts = ReadonlyMap<string, string>;

/** Of a relation, what keys need. */
interface Numbered {
  readonly relation: { readonly oid: number; readonly schema: string; readonly name: string };
  /** By column number. */
  readonly names: ReadonlyMap<number, string>;
}

/** Relations behind others, by oid, with what stands in front of them. */
export type Hidden<Relation> = ReadonlyMap<number, { readonly behind: Relation; readonly front: Relation }>;

/**
 * Which relations are hidden by one in front.
 * @param inFront those of the schemas in front, under the names of exposed ones
 */
export function findHidden<Relation extends Numbered>(
  exposed: readonly Relation[],
  inFront: readonly Relation[],
): Hidden<Relation> {
  const nameOf = ({ relation: { schema, name } }: Relation) => JSON.stringify([schema, name]);
  const fronts = new Map(inFront.map((front) => [nameOf(front), front]));
  return new Map(
    exposed.flatMap((behind) => {
      const front = fronts.get(nameOf(behind));
      return front ? [[behind.relation.oid, { behind, front }] as const] : [];
    }),
  );
}

/** Foreign keys as they would be of what stands in front: an environment has none onto what it only reads. */
export function keysInFront(keys: readonly ForeignKey[], hidden: Hidden<Numbered>): readonly ForeignKey[] {
  if (hidden.size === 0) return keys;
  const named = new Set(keys.map(({ table, name }) => JSON.stringify([table, name])));
  return keys.flatMap((key) => {
    const [from, to] = [hidden.get(key.table), hidden.get(key.references)];
    if (!from && !to) return [key];
    const table = from?.front.relation.oid ?? key.table;
    if (from && named.has(JSON.stringify([table, key.name]))) return [];
    const columns = renumbered(key.columns, from);
    const referencedColumns = renumbered(key.referencedColumns, to);
    if (!columns || !referencedColumns) return [];
    const references = to?.front.relation.oid ?? key.references;
    return [{ ...key, table, columns, references, referencedColumns }];
  });
}

/** Columns of what is behind, as they are numbered in front; undefined where one is not there. */
function renumbered(
  numbers: readonly number[],
  pair: { readonly behind: Numbered; readonly front: Numbered } | undefined,
): readonly number[] | undefined {
  if (!pair) return numbers;
  const byName = new Map([...pair.front.names].map(([number, name]) => [name, number]));
  const found = numbers.flatMap((number) => byName.get(pair.behind.names.get(number) ?? '') ?? []);
  return found.length === numbers.length ? found : undefined;
}
