import { quoteIdentifier, quoteRelation } from '../../database/identifiers.js';
import type { ApplyLoad } from '../context.js';
import { addColumns, dropKeyIndexes, raiseDataVersion } from '../in-place.js';
import { replace } from './replace.js';

/** Adds the rows of the load to those that are there. */
export const append: ApplyLoad = async (context, load) => {
  if (load.state.columns === null) return replace(context, load);
  const columns = [...load.source.columns, 'load_timestamp', 'process_id', 'row_version']
    .map(quoteIdentifier)
    .join(', ');
  const counts = {
    read: load.read,
    inserted: load.read - load.rejected,
    updated: 0,
    unchanged: 0,
    rejected: load.rejected,
  };
  await addColumns(context, load);
  // Of the time when it was loaded with upsert.
  await dropKeyIndexes(context, { ...load.table, key: [] });
  await context.publish([], async (tx) => {
    await tx.unsafe(`set local lock_timeout = '10s'`);
    await tx.unsafe(
      `insert into ${quoteRelation(load.table.relation)} (${columns}) select ${columns} from ${quoteRelation(load.relation)}`,
    );
    await tx.unsafe(`drop table ${quoteRelation(load.relation)}`);
    await load.finish(tx, counts, await raiseDataVersion(tx, context, load.table.node, counts));
  });
  return counts;
};
