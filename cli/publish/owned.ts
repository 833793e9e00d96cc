import { type Grants, noGrants } from '../config/grants.js';

/** What Medallion itself made on a published relation; everything else on it belongs to others and is kept. */
export interface Owned {
  readonly indexes: readonly string[];
  readonly constraints: readonly string[];
  /** Column names with a description; an empty string stands for the relation itself. */
  readonly comments: readonly string[];
  readonly grants: Grants;
}

/** `medallion.relations.owned`, as this or an older mdl wrote it. */
export type RecordedOwned = Partial<Omit<Owned, 'grants'>> & {
  /** A list of roles: those that might select, from the time when that was the only right. */
  readonly grants?: Partial<Grants> | readonly string[];
};

/** What a row of `medallion.relations` says is ours. */
export function ownedOf({ grants, ...recorded }: RecordedOwned): Owned {
  return {
    ...{ indexes: [], constraints: [], comments: [], ...recorded },
    grants: { ...noGrants, ...(Array.isArray(grants) ? { select: grants } : grants) },
  };
}
