import { type Grants, noGrants } from '../config/grants.js';
import type { Queryable } from '../database/connect.js';

/**
 * What Medallion itself made on a published relation; everything else on it belongs to others and is kept. What is left out an older mdl did not
 * record: nothing is known of it, and all of it counts as ours.
 */
export interface Owned {
  readonly indexes: readonly string[];
  readonly constraints: readonly string[];
  readonly policies: readonly string[];
  /** Whether the model asked for row-level security. */
  readonly row_security: boolean;
  /** Column names with a description; an empty string stands for the relation itself. */
  readonly comments: readonly string[];
  readonly grants: Grants;
  /** Storage settings. */
  readonly options?: readonly string[];
  readonly columns?: readonly string[];
  /** Columns with a default. */
  readonly defaults?: readonly string[];
  readonly not_null?: readonly string[];
}

/** `medallion.relations.owned`, as this or an older mdl wrote it. */
export type RecordedOwned = Partial<Omit<Owned, 'grants'>> & {
  /** A list of roles: those that might select, from the time when that was the only right. */
  readonly grants?: Partial<Grants> | readonly string[];
};

/** What a row of `medallion.relations` says is ours. */
export function ownedOf({ grants, ...recorded }: RecordedOwned): Owned {
  return {
    ...{ indexes: [], constraints: [], policies: [], row_security: false, comments: [], ...recorded },
    grants: { ...noGrants, ...(Array.isArray(grants) ? { select: grants } : grants) },
  };
}

/** Records what mdl has added to a published relation in its place, so that it does not count as something of others. */
export async function addOwned(
  sql: Queryable,
  relation: { readonly project: string; readonly node: string },
  what: 'columns' | 'indexes' | 'constraints',
  names: readonly string[],
): Promise<void> {
  await sql`
    update medallion.relations set owned = jsonb_set(owned, array[${what}], owned -> ${what} || ${sql.json(names as string[])})
     where project = ${relation.project} and node = ${relation.node} and owned ? ${what}`;
}
