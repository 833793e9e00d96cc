import { hash } from 'node:crypto';
import type { DeletePolicy } from '../../config/define.js';
import { distributeSql } from '../../database/citus.js';
import { quoteLiteral, quoteRelation, type Relation } from '../../database/identifiers.js';
import type { RowCounts } from '../../events/events.js';
import type { Move } from '../../publish/move.js';
import type { ApplyLoad, FilledLoad, LoadContext } from '../context.js';
import { addDeletedColumn, dropGone } from '../deletes.js';
import { tooManyRejected } from '../fill.js';
import { addColumns, ensureKeyIndex, keyIndexSql, raiseDataVersion } from '../in-place.js';
import { analyzeBriefly, emptyBronzeSql } from '../load-table.js';
import { type MergeOptions, mergeLoad, rejectKeyless } from '../merge.js';
import { placementOf } from '../placement.js';

/** Brings the rows in by key: new ones are inserted, changed ones updated, equal ones not touched. */
export const upsert: ApplyLoad = async (context, load) => {
  const { table } = load;
  const isNew = load.state.columns === null;
  const moves = isNew ? [await stageEmptyTable(context, load)] : [];
  const merge: MergeOptions = {
    loadId: load.loadId,
    load: load.relation,
    bronze: table.relation,
    columns: load.source.columns,
    key: table.key,
    processId: String(context.runId),
    marksDeleted: load.state.marksDeleted || table.deletes === 'mark',
  };
  const keyless = await context.sql.begin((tx) =>
    rejectKeyless(tx, { ...merge, node: table.node, origin: load.source.origin }),
  );
  const rejected = load.rejected + keyless;
  if (rejected > table.maxRejects)
    throw tooManyRejected(load.source.origin, rejected, table.maxRejects, [
      {
        origin: load.source.origin,
        line: null,
        reason: `the key (${table.key.join(', ')}) is empty`,
        raw: '',
      },
    ]);
  if (!isNew) {
    // What is there may repeat the key, unless a column of it is new: then it has no value in any row.
    const isKeyThere = table.key.every((column) => load.state.columns!.includes(column));
    if (isKeyThere) await ensureKeyIndex(context, table);
    await addColumns(context, load);
    if (!isKeyThere) await ensureKeyIndex(context, table);
  }
  await analyzeBriefly(context.sql, load.relation);
  const gone = policyFor(context, load, rejected);
  let counts: RowCounts | undefined;
  await context.publish(moves, async (tx) => {
    await tx.unsafe(`set local lock_timeout = '10s'`);
    if (table.deletes === 'mark' && !load.state.marksDeleted)
      await addDeletedColumn(tx, context.project, table);
    const merged = await mergeLoad(tx, merge);
    const deleted = gone === 'keep' ? 0 : await dropGone(tx, { ...merge, policy: gone });
    counts = {
      read: load.read,
      inserted: merged.inserted,
      updated: merged.updated,
      unchanged: merged.unchanged,
      rejected,
      deleted,
    };
    await tx.unsafe(`drop table ${quoteRelation(load.relation)}`);
    const isRaised = await raiseDataVersion(tx, context, table.node, counts);
    await load.finish(tx, counts, isNew || isRaised);
    if (merged.superseded > 0) {
      context.emit({
        event: 'notice',
        node: table.node,
        message: `${merged.superseded} rows of ${load.source.origin} are followed by a later one with the same key (${table.key.join(', ')}): the last one counts.`,
      });
    }
  });
  await analyzeBriefly(context.sql, table.relation);
  return counts!;
};

/** Only what a source was wholly and successfully read for can be called gone. */
function policyFor(context: LoadContext, load: FilledLoad, rejected: number): DeletePolicy {
  const { table } = load;
  if (table.deletes === 'keep' || !load.isWhole || load.state.columns === null) return 'keep';
  const why =
    rejected > 0
      ? `${rejected} of its rows could not be loaded`
      : load.read === 0
        ? 'it gave no rows at all, which may be a missing right'
        : undefined;
  if (why === undefined) return table.deletes;
  context.emit({
    event: 'notice',
    node: table.node,
    message: `Rows that ${load.source.origin} no longer has are kept this time: ${why}.`,
  });
  return 'keep';
}

/** The first upsert makes the table; it appears together with its rows. */
async function stageEmptyTable(context: LoadContext, load: FilledLoad): Promise<Move> {
  const { table } = load;
  // Its index keeps the name that it gets here: no two tables may meet in it.
  const from: Relation = {
    schema: load.relation.schema,
    name: `mdl_first_${hash('sha256', table.node).slice(0, 16)}`,
  };
  const placement = context.isScaledOut ? placementOf(table, load.relation) : undefined;
  await context.sql.unsafe(`
    drop table if exists ${quoteRelation(from)};
    ${emptyBronzeSql(from, load.source.columns)};
    ${keyIndexSql(from, table.key)};
    ${placement ? `${distributeSql(from, placement)};` : ''}
    ${table.description ? `comment on table ${quoteRelation(from)} is ${quoteLiteral(table.description)}` : ''}`);
  return {
    node: table.node,
    kind: 'table',
    from,
    to: table.relation,
    grants: table.grants,
    fingerprint: null,
    inputs: null,
    proved: {},
    charts: [],
  };
}
