import { MedallionError, type Where } from '../errors/index.js';

/** How the rows of a table are spread over the nodes of a Citus cluster; on any other database it says nothing. */
export type Distribution =
  | {
      /** Each row lives on the node that its value of this column leads to. */
      readonly kind: 'column';
      readonly column: string;
      readonly where: Where;
    }
  /** Every node has all of it. */
  | { readonly kind: 'reference' };

/** What `distribute` can say. */
export const distributeValues = ['reference'] as const;

/**
 * The two settings, made one.
 * @param names what they are called where they stand
 * @throws MedallionError MDL1213: both are set
 */
export function makeDistribution(
  settings: { readonly by: string | undefined; readonly how: 'reference' | undefined },
  names: { readonly of: string; readonly by: string; readonly how: string },
  where: Where,
): Distribution | null {
  const { by, how } = settings;
  if (by !== undefined && how !== undefined)
    throw new MedallionError('MDL1213', {
      message: `${names.of}: ${names.by} and ${names.how} exclude each other.`,
      where,
      hint: `A table is spread by a column, or copied whole to every node: leave one of the two out.`,
    });
  if (by !== undefined) return { kind: 'column', column: by, where };
  return how === undefined ? null : { kind: 'reference' };
}

/** Why a key of a distributed table needs the column, for messages. */
export const keyNeedsColumn =
  'Citus looks for duplicates on one node only, the one that this column leads to';
