import { columnIn, constant, knownColumn, rowOf, type Shape, unknownValue, type Value } from './value.js';

/** What a `from` clause offers to be named. */
export interface Item {
  /** Null: only its columns can be named. */
  readonly name: string | null;
  /** Of a relation without an alias, which can be named with its schema. */
  readonly schema?: string | undefined;
  readonly shape: Shape;
  /** Its columns can be named alone, and `*` gives them; otherwise a join does that. */
  readonly showsColumns: boolean;
}

/** The items of a query, and those of the queries around it. */
export interface Scope {
  readonly items: readonly Item[];
  readonly outer: Scope | null;
}

/** No column of a table can have such a name. */
const systemColumns = ['tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax'];

/** A column that is named alone, or the row of a relation. @see colNameToVar in Postgres's parse_relation.c */
export function lookUp(name: string, scope: Scope | null): Value {
  if (systemColumns.includes(name)) return constant;
  for (let level = scope; level; level = level.outer) {
    const shown = level.items.filter(({ showsColumns }) => showsColumns);
    for (const { shape } of shown) {
      const column = knownColumn(shape, name);
      if (column) return column;
    }
    const open = shown.filter(({ shape }) => shape.rest);
    if (open.length === 1 && !mayHave(name, level.outer) && !findItem(name, undefined, scope))
      return open[0]!.shape.rest!(name);
    if (open.length > 0) return unknownValue;
  }
  const item = findItem(name, undefined, scope);
  return item ? rowOf(item.shape) : unknownValue;
}

function mayHave(name: string, scope: Scope | null): boolean {
  for (let level = scope; level; level = level.outer)
    if (level.items.some(({ shape }) => shape.rest || knownColumn(shape, name))) return true;
  return false;
}

/** `relation.column`, `schema.relation.column`. */
export function lookUpIn(
  relation: string,
  schema: string | undefined,
  column: string,
  scope: Scope | null,
): Value {
  const item = findItem(relation, schema, scope);
  if (!item) return unknownValue;
  if (systemColumns.includes(column)) return constant;
  // A closed shape without it: a function of the row that is written like a column, which may read anything.
  return columnIn(item.shape, column) ?? unknownValue;
}

export function findItem(name: string, schema: string | undefined, scope: Scope | null): Item | undefined {
  for (let level = scope; level; level = level.outer) {
    const item = level.items.find(
      (candidate) => candidate.name === name && (schema === undefined || candidate.schema === schema),
    );
    if (item) return item;
  }
  return undefined;
}
