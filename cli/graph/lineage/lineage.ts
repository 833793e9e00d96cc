import { openParser } from './parser.js';
import { createWalk } from './query.js';
import type { Fields } from './tree.js';
import { type ColumnSource, columnIn, type Shape, type Value } from './value.js';
import type { Walk } from './walk.js';

export type { ColumnSource } from './value.js';
export type { KnownRelation } from './walk.js';

/** A column that a query gives. */
export interface ColumnLineage {
  readonly name: string;
  /** The columns that its values are made from; null: not known. */
  readonly from: readonly ColumnSource[] | null;
  /** It is passed on as it is, and not computed. */
  readonly isPassedOn: boolean;
}

export interface QueryLineage {
  readonly columns: readonly ColumnLineage[];
  /** False: there may be more columns, whose names are not known. */
  readonly isComplete: boolean;
  /** The column of this name, which may be one of those; undefined: there is none. */
  find(name: string): ColumnLineage | undefined;
}

/**
 * Finds where the columns of a query come from.
 * @param sql one select statement
 * @param relation what a name in it means; undefined: nothing that is known
 * @returns undefined for what is no select that Postgres can read
 */
export type FindLineage = (sql: string, relation: Walk['relation']) => QueryLineage | undefined;

/** Loads Postgres's own parser, which takes a moment: only where something has to be parsed. */
export async function openLineage(): Promise<FindLineage> {
  const parse = await openParser();
  return (sql, relation) => {
    try {
      const [statement, ...others] = parse(sql);
      const select: Fields | undefined = statement?.SelectStmt;
      if (!select || others.length > 0) return undefined;
      const walk = createWalk(relation);
      return told(walk.query(select, { scope: null, ctes: null, windows: [], walk }));
    } catch {
      // No SQL, or SQL nested so deeply that the stack does not hold it.
      return undefined;
    }
  };
}

function told(shape: Shape): QueryLineage {
  const lineage = (name: string, { from, isPassedOn }: Value): ColumnLineage => ({
    name,
    from: from && [...from.values()],
    isPassedOn,
  });
  return {
    columns: shape.columns.map((column) => lineage(column.name, column)),
    isComplete: !shape.rest,
    find(name) {
      const found = columnIn(shape, name);
      return found && lineage(name, found);
    },
  };
}
