import { quoteIdentifier, type Relation } from '../../database/identifiers.js';
import type { KeyEquality } from './key-equality.js';

/** Two relations of one shape; both have the key. */
export interface Sides {
  readonly published: Relation;
  readonly staged: Relation;
  /** The primary key: never null. */
  readonly key: readonly string[];
  /** All columns, those of the key among them. */
  readonly columns: readonly string[];
  /** Columns that are not compared, such as when a row came in: a row that is otherwise equal keeps its own. */
  readonly stamps: readonly string[];
  /** The column of the key that says on which node of a cluster a row is: it is never written anew. */
  readonly placedBy?: string | undefined;
  /** How the key's columns are equal, in the order of `key`. Default: by the `=` that the search path finds, which may take different images for equal. */
  readonly equality?: readonly KeyEquality[] | undefined;
}

/** The name of a key's column in a delta: by its place, so that no name of the user's can meet another one. */
export function deltaKey(place: number): string {
  return `key_${place + 1}`;
}

/** How each column of the key is joined. */
export function equalityOf({ key, equality }: Sides): readonly KeyEquality[] {
  return key.map((_, place) => equality?.[place] ?? { operator: '=', isExact: false });
}

/** The columns of which one must differ for a row to have changed. */
export function comparedColumns(sides: Sides): readonly string[] {
  const equality = equalityOf(sides);
  return sides.columns.filter((column) => {
    if (column === sides.placedBy) return false;
    const place = sides.key.indexOf(column);
    return place >= 0 ? !equality[place]!.isExact : !sides.stamps.includes(column);
  });
}

/** The columns that a changed row takes from the staged one: all but what the join has proved equal. */
export function writtenColumns(sides: Sides): readonly string[] {
  const equality = equalityOf(sides);
  return sides.columns.filter(
    (column) => column !== sides.placedBy && !equality[sides.key.indexOf(column)]?.isExact,
  );
}

/** `a."id" = b."id" and ...`, with the operators of the key. */
export function sameKey(
  sides: Sides,
  left: (place: number) => string,
  right: (place: number) => string,
): string {
  return equalityOf(sides)
    .map(({ operator }, place) => `${left(place)} ${operator} ${right(place)}`)
    .join(' and ');
}

/** A column of the key in one of the relations, for `sameKey`. */
export function keyColumn(sides: Sides, alias: string): (place: number) => string {
  return (place) => `${alias}.${quoteIdentifier(sides.key[place]!)}`;
}
