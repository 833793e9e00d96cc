import { hash } from 'node:crypto';
import type { Distribution } from '../../config/distribution.js';
import { distributeSql, type Placement } from '../../database/citus.js';
import type { Sql } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';
import { didYouMean, MedallionError } from '../../errors/index.js';
import type { CompiledQuery } from '../../graph/compile.js';
import type { Model } from '../../project/model.js';
import { describeModel } from '../describe-model.js';
import { refuseNowhere } from '../distributed-model.js';
import type { PublishedColumns } from '../model-build.js';
import { located } from '../model-error.js';
import {
  type ComposedSql,
  compose,
  createSql,
  filledColumns,
  insertSql,
  joinSql,
  type ModelColumns,
  plainSql,
} from '../model-sql.js';

/** The table that holds new rows: in the stage, by a name that no model has. */
export function newRowsRelation({ schema, name }: Relation): Relation {
  return { schema, name: `mdl_new_${hash('sha256', name).slice(0, 16)}` };
}

export interface NewRowsBuild {
  readonly model: Model;
  readonly published: Relation;
  readonly fresh: Relation;
  /** One for each interval of a model that is filled by time, else one; not none. */
  readonly queries: readonly CompiledQuery[];
  /** What is published: a row that is published just so keeps what defaults had filled in for it. */
  readonly before: PublishedColumns | undefined;
  /** The database is a Citus cluster, and some table of the project is to be distributed. */
  readonly isScaledOut: boolean;
}

/**
 * Puts the new rows of a model into a table of their own.
 * @returns how many there are, and which columns defaults have filled in
 * @throws MedallionError MDL1212, MDL4001, MDL4002, MDL4012, MDL4014, MDL2006, MDL5002
 */
export async function makeNewRows(
  sql: Sql,
  build: NewRowsBuild,
): Promise<{ readonly count: number; readonly filled: readonly string[] }> {
  const { model, fresh, queries, before } = build;
  const [first, ...others] = queries;
  const shape = await describeModel(sql, { model, query: first!, before });
  requireKey(model, shape);
  const analyze = plainSql(`analyze ${quoteRelation(fresh)}`);
  const run = (statement: ComposedSql, code: 'MDL4001' | 'MDL4014' = 'MDL4001') =>
    located(model, statement, code, () => sql.unsafe(statement.text));
  // Logged: after a crash of the server, a plan must not find it empty and take all rows for gone.
  const created = createSql('table', fresh, first!, shape);
  if (build.isScaledOut && model.distribution) {
    for (const query of queries) await refuseNowhere(sql, { model, query }, model.distribution, shape);
    await run(compose([...created.pieces, { text: '\nwith no data' }]));
    await run(placedAlike(build, model.distribution), 'MDL4014');
    for (const query of queries) await run(insertSql(fresh, query, shape));
    await run(analyze);
  } else await run(joinSql([created, ...others.map((query) => insertSql(fresh, query, shape)), analyze]));
  const [row] = await sql.unsafe<{ count: number }[]>(
    `select count(*)::float8 as count from ${quoteRelation(fresh)}`,
  );
  return { count: row!.count, filled: filledColumns(shape) };
}

/** On the nodes where the rows are that they replace. */
function placedAlike({ fresh, published }: NewRowsBuild, distribution: Distribution): ComposedSql {
  const placement: Placement =
    distribution.kind === 'reference'
      ? distribution
      : { kind: 'column', column: distribution.column, with: published };
  const where = distribution.kind === 'column' ? distribution.where : undefined;
  return compose([{ text: distributeSql(fresh, placement) }], where);
}

/** Where a contract names the columns, this is known without a database. */
function requireKey({ name, contract, incremental }: Model, { selected }: ModelColumns): void {
  if (contract.columns || !incremental || !('key' in incremental)) return;
  const missing = incremental.key.find((column) => !selected.includes(column));
  if (missing !== undefined)
    throw new MedallionError('MDL4012', {
      message: `${name}: the select has no column "${missing}", which is part of the key.`,
      where: incremental.where,
      hint: didYouMean(missing, selected),
    });
}
