import { quoteIdentifier, quoteLiteral, quoteRelation } from '../../database/identifiers.js';
import { type ApplyLoad, asBronze } from '../context.js';
import { analyzeBriefly } from '../load-table.js';

/** The load table becomes the bronze table: what was there before goes, views and rights of others stay. */
export const replace: ApplyLoad = async (context, load) => {
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
  await context.publish([asBronze(load)], (tx) => load.finish(tx, counts));
  return counts;
};
