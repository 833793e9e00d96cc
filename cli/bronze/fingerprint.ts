import type { BronzeTable } from '../config/options.js';
import { placementOf } from './placement.js';

/**
 * Content and settings: equal ones give equal bronze rows.
 * @param content the fingerprint of the source
 * @param isScaledOut on a Citus cluster a copy that is made anew goes where it is to be now; others keep their rows where they are
 */
export function loadFingerprint(
  table: BronzeTable,
  content: Readonly<Record<string, unknown>>,
  isScaledOut = false,
): Record<string, unknown> {
  const { from, strategy, key, deletes } = table;
  const placement = isScaledOut && strategy === 'replace' ? placementOf(table, undefined) : undefined;
  // As it comes back from the database.
  return JSON.parse(
    JSON.stringify({
      ...{ content, from, strategy, key },
      ...(deletes !== 'keep' && { deletes }),
      ...(placement && { placement }),
    }),
  );
}
