import type { Sql } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import type { CompiledQuery, Compiler } from '../../graph/compile.js';
import type { ModelNode } from '../../graph/node.js';
import type { Incremental } from '../../project/model.js';
import { deltaRelation, type Way } from '../compare-staged.js';
import { refuseHiddenRows } from '../hidden-rows.js';
import type { PublishedColumns } from '../model-build.js';
import { dropStaged } from '../stage.js';
import { meetPublished } from './columns.js';
import { wayOfNewRows } from './delta-of-new-rows.js';
import { makeNewRows, newRowsRelation } from './new-rows.js';
import { readEquality } from './read-equality.js';
import { type NewRows, wholeSql } from './strategies.js';
import { readLiterals, timeQuery } from './time-query.js';
import type { Timeline } from './timeline.js';

export interface OnTopBuild {
  readonly node: ModelNode;
  readonly compiler: Compiler;
  readonly published: Relation;
  /** The model's place in the stage. */
  readonly staged: Relation;
  readonly timeline: Timeline;
  readonly before: PublishedColumns | undefined;
  /** The database is a Citus cluster, and some table of the project is to be distributed. */
  readonly isScaledOut: boolean;
}

/** What has come of new rows. */
export type BuiltOnTop =
  /** `staged` is a view that shows the model as it will be. Where nothing is new or differs, there is none. */
  | { readonly kind: 'built'; readonly rows: NewRows; readonly count: number; readonly way: Way }
  /** A select of all rows as they will be: the columns change, so they are written anew. */
  | { readonly kind: 'remake'; readonly query: CompiledQuery; readonly rows: NewRows }
  /** The model has to be built as a whole. */
  | { readonly kind: 'rebuild' };

/**
 * Builds what an incremental model has anew, on top of what is published of it, which has the same contract.
 * @throws MedallionError MDL1212, MDL4001, MDL4002, MDL4011, MDL4012, MDL4013, MDL4301, MDL2006, MDL5002
 */
export async function buildOnTop(sql: Sql, build: OnTopBuild): Promise<BuiltOnTop> {
  const { node, published, staged } = build;
  const { model } = node.parsed;
  const incremental = model.incremental!;
  await refuseHiddenRows(sql, model, published, incremental.where);
  const fresh = newRowsRelation(staged);
  for (const relation of [staged, fresh, deltaRelation(fresh)]) await dropStaged(sql, relation);
  const { queries, intervals } = await queriesOf(sql, build, incremental);
  const rows: NewRows = {
    ...{ incremental, published, fresh, intervals },
    equality: await readEquality(sql, published),
  };
  if (queries.length === 0) return { kind: 'built', rows, count: 0, way: nothingDue };
  const { count, filled } = await makeNewRows(sql, {
    ...{ model, published, fresh, queries },
    ...{ before: build.before, isScaledOut: build.isScaledOut },
  });
  const columns = await meetPublished(sql, model, published, fresh);
  if (columns.kind === 'rebuild') return columns;
  if (columns.kind === 'changed') {
    const query = { sql: wholeSql(rows, columns.columns), inlined: [], locate: () => undefined };
    return { kind: 'remake', query, rows };
  }
  for (const { name, type } of columns.lacking)
    await sql.unsafe(`alter table ${quoteRelation(fresh)} add column ${quoteIdentifier(name)} ${type}`);
  const way = await wayOfNewRows(sql, { model, rows, count, columns: columns.names, filled });
  if (way.how === 'delta') {
    const same = columns.names.map((name) => {
      const quoted = quoteIdentifier(name);
      return { name, published: `p.${quoted}`, fresh: `n.${quoted}` };
    });
    await sql.unsafe(`create view ${quoteRelation(staged)} as ${wholeSql(rows, same)}`);
  }
  return { kind: 'built', rows, count, way };
}

const nothingDue: Way = { how: 'same', why: 'no interval is due' };

async function queriesOf(
  sql: Sql,
  { node, compiler, published, timeline }: OnTopBuild,
  incremental: Incremental,
) {
  const { model } = node.parsed;
  if (incremental.strategy !== 'time_range')
    return { queries: [compiler.model(node.name, { top: published })], intervals: [] };
  const intervals = await readLiterals(sql, incremental, timeline.onTop(node.name).fill);
  const queries: CompiledQuery[] = [];
  for (const interval of intervals) queries.push(await timeQuery(sql, model, compiler, interval, published));
  return { queries, intervals };
}
