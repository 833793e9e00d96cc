import { type Fields, type Node, texts } from './tree.js';
import { type Column, computed, renamed, type Shape, unknownShape } from './value.js';
import type { Ctes, Place } from './walk.js';

/** The names that a query's `with` clause adds. Each is looked into when it is named, and once. */
export function withCtes(clause: Fields | undefined, place: Place): Ctes | null {
  if (!clause) return place.ctes;
  const list = (clause.ctes as readonly Node[]).map(({ CommonTableExpr: cte }) => cte as Fields);
  if (!clause.recursive)
    return list.reduce<Ctes | null>((outer, cte) => {
      const shape = once(() => shapeOfCte(cte, { ...place, ctes: outer }));
      return { name: cte.ctename, shape, outer };
    }, place.ctes);
  // All see each other, and themselves.
  const all: { known: Ctes | null } = { known: place.ctes };
  for (const cte of list) {
    const shape = once(() => shapeOfRecursive(cte, { ...place, ctes: all.known }));
    all.known = { name: cte.ctename, shape, outer: all.known };
  }
  return all.known;
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function shapeOfCte(cte: Fields, place: Place): Shape {
  const select: Fields | undefined = cte.ctequery.SelectStmt;
  if (!select) return unknownShape;
  return finished(cte, place.walk.query(select, place));
}

/** Looks again until what goes round has come everywhere: sources only become more, so there is an end. */
function shapeOfRecursive(cte: Fields, place: Place): Shape {
  const select: Fields | undefined = cte.ctequery.SelectStmt;
  if (!select?.larg) return shapeOfCte(cte, place);
  const around = { ...place, ctes: withCtes(select.withClause, place) };
  let known = finished(cte, place.walk.query(select.larg, around));
  for (;;) {
    const self: Ctes = { name: cte.ctename, shape: () => known, outer: place.ctes };
    const next = finished(cte, place.walk.query(select, { ...place, ctes: self }));
    if (isSame(known, next)) return next;
    known = next;
  }
}

function isSame(a: Shape, b: Shape): boolean {
  return (
    !a.rest === !b.rest &&
    a.columns.length === b.columns.length &&
    a.columns.every(({ from, isPassedOn }, i) => {
      const other = b.columns[i]!;
      return from?.size === other.from?.size && isPassedOn === other.isPassedOn;
    })
  );
}

/** With the names of `as t (a, b)`, and the columns of `search` and `cycle`. */
function finished(cte: Fields, shape: Shape): Shape {
  const named = renamed(shape, texts(cte.aliascolnames));
  const { search_clause: search, cycle_clause: cycle } = cte;
  const of = (names: readonly Node[]) =>
    computed(named.columns.filter(({ name }) => texts(names).includes(name)));
  const added: Column[] = [
    ...(search ? [{ ...of(search.search_col_list), name: search.search_seq_column }] : []),
    ...(cycle
      ? [
          { ...of(cycle.cycle_col_list), name: cycle.cycle_mark_column },
          { ...of(cycle.cycle_col_list), name: cycle.cycle_path_column },
        ]
      : []),
  ];
  return added.length === 0 ? named : { ...named, columns: [...named.columns, ...added] };
}
