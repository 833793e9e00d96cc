/** A column of a node: what another column's values are made from. */
export interface ColumnSource {
  readonly node: string;
  readonly column: string;
}

/** Columns of nodes, each once; null: not known. */
export type Sources = ReadonlyMap<string, ColumnSource> | null;

/** What is known of a value in a query. */
export interface Value {
  readonly from: Sources;
  /** It is a column of a node as it is, and not computed. */
  readonly isPassedOn: boolean;
  /** As Postgres writes it, where it is a column of a node. */
  readonly type?: string | undefined;
  /** Where the value is a row: its columns. */
  readonly fields?: Shape | undefined;
}

export interface Column extends Value {
  readonly name: string;
}

/** The columns of a relation, a subquery, a function, a join. */
export interface Shape {
  readonly columns: readonly Column[];
  /** What can be named, though whether `*` gives it is not known: a function's result may be one value or a row. */
  readonly tentative?: readonly Column[] | undefined;
  /** Set where there may be columns that are not known: what a column of this name would be. */
  readonly rest?: ((name: string) => Value) | undefined;
}

export const unknownValue: Value = { from: null, isPassedOn: false };
/** Made from no column: a constant. */
export const constant: Value = { from: new Map(), isPassedOn: false };
export const unknownShape: Shape = { columns: [], rest: () => unknownValue };

export function columnOf(node: string, column: string, type?: string): Value {
  return { from: new Map([[`${node}\0${column}`, { node, column }]]), isPassedOn: true, type };
}

function union(all: readonly Value[]): Sources {
  if (all.length === 1) return all[0]!.from;
  const from = new Map<string, ColumnSource>();
  for (const value of all) {
    if (value.from === null) return null;
    for (const [key, source] of value.from) from.set(key, source);
  }
  return from;
}

/** A value computed from others. */
export function computed(parts: readonly Value[]): Value {
  return { from: union(parts), isPassedOn: false };
}

/** A value that is one of these: a column of a set operation, or merged by a join. */
export function oneOf(choices: readonly Value[]): Value {
  const [first] = choices;
  if (choices.length === 1) return first!;
  return { from: union(choices), isPassedOn: choices.every(({ isPassedOn }) => isPassedOn) };
}

/** A whole row as a value. */
export function rowOf(shape: Shape): Value {
  return { ...(shape.rest ? unknownValue : computed(shape.columns)), fields: shape };
}

/** The column that certainly has this name; undefined: none has, but one of which nothing is known may. */
export function knownColumn({ columns, tentative }: Shape, name: string): Value | undefined {
  const hasName = (column: Column) => column.name === name;
  return columns.find(hasName) ?? tentative?.find(hasName);
}

/** The column of a shape that a name means; undefined: it has none. */
export function columnIn(shape: Shape, name: string): Value | undefined {
  return knownColumn(shape, name) ?? shape.rest?.(name);
}

/** Gives the first columns other names, as `as t (a, b)` does. */
export function renamed(shape: Shape, names: readonly string[]): Shape {
  if (names.length === 0) return shape;
  const { columns, rest } = shape;
  if (!rest)
    return {
      columns: columns.map((column, i) => (i < names.length ? { ...column, name: names[i]! } : column)),
    };
  // Which columns get the names is not known.
  return { columns: names.map((name) => ({ ...rest(name), name })), rest };
}

/** Several shapes side by side. */
export function sideBySide(shapes: readonly Shape[]): Shape {
  const open = shapes.filter(({ rest }) => rest);
  return {
    columns: shapes.flatMap(({ columns }) => columns),
    tentative: shapes.flatMap(({ tentative }) => tentative ?? []),
    rest: open.length === 0 ? undefined : open.length === 1 ? open[0]!.rest : () => unknownValue,
  };
}

/** What `*` gives of these shapes. */
export function starOf(shapes: readonly Shape[]): Shape {
  return { ...sideBySide(shapes), tentative: undefined };
}
