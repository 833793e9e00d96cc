import type { BronzeTable } from '../config/options.js';
import { distributeSql, type Placement, placedAs } from '../database/citus.js';
import type { Relation } from '../database/identifiers.js';
import type { LoadContext } from './context.js';
import type { BronzeState } from './load-table.js';

/**
 * Where the rows of a load table go on a Citus cluster. Those that are added to a bronze table go where its rows are: what is of one key is on one node.
 * @returns undefined: they stay on the node that is asked, as on any other database
 */
export async function placementOfLoad(
  { sql, emit, isScaledOut }: Pick<LoadContext, 'sql' | 'emit' | 'isScaledOut'>,
  table: BronzeTable,
  state: BronzeState,
): Promise<Placement | undefined> {
  if (!isScaledOut || !table.distribution) return undefined;
  const isAdded = state.columns !== null && table.strategy !== 'replace';
  if (!isAdded) return placementOf(table, undefined);
  const { kind } = table.distribution;
  if ((await placedAs(sql, table.relation)) === kind) return placementOf(table, table.relation);
  emit({
    event: 'notice',
    node: table.node,
    message: `${table.node} was made before it was to be distributed, and loads add to it where it is.`,
    hint: `Distribute what it holds, once: ${distributeSql(table.relation, placementOf(table, undefined)!)};`,
  });
  return undefined;
}

/** @param alike the table whose rows of the same value are to be on the same node */
export function placementOf(
  { distribution }: Pick<BronzeTable, 'distribution'>,
  alike: Relation | undefined,
): Placement | undefined {
  if (!distribution) return undefined;
  return distribution.kind === 'reference'
    ? { kind: 'reference' }
    : { kind: 'column', column: distribution.column, with: alike };
}
