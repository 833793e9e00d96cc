import { quoteIdentifier, quoteLiteral, quoteRelation } from '../../database/identifiers.js';
import type { RowCounts } from '../../events/events.js';
import { recordSameRows } from '../bookkeeping.js';
import { type ApplyLoad, asBronze, type FilledLoad, type LoadContext } from '../context.js';
import { analyzeBriefly } from '../load-table.js';
import { hasSameRows } from '../same-rows.js';

/**
 * The load table becomes the bronze table: what was there before goes, views and rights of others stay. Where it holds the same rows, the table stays: what is
 * built on it need not be built again.
 */
export const replace: ApplyLoad = async (context, load) => {
  if (await hasSameRows(context, load)) return keep(context, load);
  const name = quoteRelation(load.relation);
  const { description } = load.table;
  const { originColumn } = load.source;
  const constants = ['process_id', ...(originColumn === undefined ? [] : [originColumn])];
  await context.sql.unsafe(`
    alter table ${name} ${constants.map((column) => `alter column ${quoteIdentifier(column)} drop default`).join(', ')}, reset (autovacuum_enabled);
    ${description ? `comment on table ${name} is ${quoteLiteral(description)};` : ''}
`);
  await analyzeBriefly(context.sql, load.relation);
  const counts = {
    read: load.read,
    inserted: load.read - load.rejected,
    updated: 0,
    unchanged: 0,
    rejected: load.rejected,
  };
  await context.publish([asBronze(load)], (tx) => load.finish(tx, counts, true));
  return counts;
};

async function keep(context: LoadContext, load: FilledLoad): Promise<RowCounts> {
  const { read, rejected } = load;
  const counts = { read, inserted: 0, updated: 0, unchanged: read - rejected, rejected };
  await context.publish([], async (tx) => {
    await tx.unsafe(`drop table ${quoteRelation(load.relation)}`);
    await recordSameRows(tx, load.loadId);
    await load.finish(tx, counts, false);
  });
  return counts;
}
