import type { Transaction } from '../database/connect.js';
import { quoteRelation } from '../database/identifiers.js';
import { findDependentKeys, findReferencedTables, findViewsToLock } from './dependents.js';
import type { Move } from './move.js';
import { findReplacements } from './swap.js';

/**
 * The statement that takes every lock that a swap needs, before anything is changed; empty at a first publish. All locks are asked for in one go: between two
 * round trips, readers would come to hold one relation and wait for another, and with us for each other. Views come first, the later made ones before those
 * that they may read, as a reader of views takes them.
 *
 * `lock table` on a view would lock all that the view reads, which may belong to others; giving a view to its own owner locks it and nothing else.
 * Expects an empty `search_path`.
 * @throws MedallionError MDL4302
 */
export async function lockStatement(
  tx: Transaction,
  project: string,
  moves: readonly Move[],
): Promise<string> {
  const replacements = await findReplacements(tx, project, moves);
  const replaced = replacements.flatMap(({ old }) => (old ? [old.oid] : []));
  if (replaced.length === 0) return '';
  const views = (await findViewsToLock(tx, replaced)).map(
    (view) => `alter view ${view.name} owner to ${view.owner}`,
  );
  const own = replacements
    .filter(({ old }) => old?.kind === 'table')
    .map(({ move }) => quoteRelation(move.to));
  const keyed = (await findDependentKeys(tx, replaced)).map((key) => key.table);
  const referenced = await findReferencedTables(tx, replaced);
  const tables = [...new Set([...own, ...keyed, ...referenced])].sort();
  return [
    ...views,
    ...(tables.length > 0 ? [`lock table ${tables.join(', ')} in access exclusive mode`] : []),
  ].join('; ');
}
