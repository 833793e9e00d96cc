import { hash } from 'node:crypto';
import type { Sql } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';
import { didYouMean, MedallionError } from '../../errors/index.js';
import type { CompiledQuery } from '../../graph/compile.js';
import type { Model } from '../../project/model.js';
import { describeModel } from '../describe-model.js';
import type { PublishedColumns } from '../model-build.js';
import { located } from '../model-error.js';
import { createSql, filledColumns, insertSql, joinSql, type ModelColumns, plainSql } from '../model-sql.js';

/** The table that holds new rows: in the stage, by a name that no model has. */
export function newRowsRelation({ schema, name }: Relation): Relation {
  return { schema, name: `mdl_new_${hash('sha256', name).slice(0, 16)}` };
}

/**
 * Puts the new rows of a model into a table of their own.
 * @param queries one for each interval of a model that is filled by time, else one; not none
 * @param before what is published: a row that is published just so keeps what defaults had filled in for it
 * @returns how many there are, and which columns defaults have filled in
 * @throws MedallionError MDL1212, MDL4001, MDL4002, MDL4012, MDL2006, MDL5002
 */
export async function makeNewRows(
  sql: Sql,
  model: Model,
  fresh: Relation,
  queries: readonly CompiledQuery[],
  before: PublishedColumns | undefined,
): Promise<{ readonly count: number; readonly filled: readonly string[] }> {
  const [first, ...others] = queries;
  const shape = await describeModel(sql, { model, query: first!, before });
  requireKey(model, shape);
  const whole = joinSql([
    createSql('unlogged table', fresh, first!, shape),
    ...others.map((query) => insertSql(fresh, query, shape)),
    plainSql(`analyze ${quoteRelation(fresh)}`),
  ]);
  await located(model, whole, 'MDL4001', () => sql.unsafe(whole.text));
  const [row] = await sql.unsafe<{ count: number }[]>(
    `select count(*)::float8 as count from ${quoteRelation(fresh)}`,
  );
  return { count: row!.count, filled: filledColumns(shape) };
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
