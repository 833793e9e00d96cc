import type { Distribution } from '../config/distribution.js';
import { distributeSql, type Placement } from '../database/citus.js';
import type { Sql } from '../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import { MedallionError } from '../errors/index.js';
import type { Model } from '../project/model.js';
import { formatNumber } from '../text/format.js';
import { commentsSql } from './comments-sql.js';
import { defaultsSql, foreignKeysSql, indexesSql, namedConstraintsSql } from './contract-sql.js';
import type { BuiltModel, ModelBuild } from './model-build.js';
import { located } from './model-error.js';
import {
  type ComposedSql,
  compose,
  contractedSelect,
  createSql,
  filledColumns,
  insertSql,
  type ModelColumns,
  plainSql,
} from './model-sql.js';

/**
 * Builds a table over the nodes of a Citus cluster, in the stage. `create table as` would make one on a single node, so it is made without rows,
 * distributed, and then filled by all nodes. Each statement is a transaction of its own: after one that has used several connections, Citus
 * refuses some of those that follow. Whatever fails is left in the stage, where nobody sees it.
 * @throws MedallionError MDL4001, MDL4003, MDL4014, MDL2006, MDL5002
 */
export async function buildDistributed(
  sql: Sql,
  build: ModelBuild,
  distribution: Distribution,
  columns: ModelColumns,
): Promise<BuiltModel> {
  const { model, query, relation } = build;
  const run = (statement: ComposedSql, code: 'MDL4001' | 'MDL4003' | 'MDL4014') =>
    located(model, statement, code, () => sql.unsafe(statement.text));
  await refuseNowhere(sql, build, distribution, columns);
  const created = createSql('table', relation, query, columns);
  await run(compose([...created.pieces, { text: '\nwith no data' }]), 'MDL4001');
  for (const statement of defaultsSql(relation, model.contract)) await run(statement, 'MDL4003');
  await run(placedSql(relation, placementOf(build, distribution), model), 'MDL4014');
  const { count: rows } = await run(insertSql(relation, query, columns), 'MDL4001');
  let violation: MedallionError | undefined;
  // Keys first: an index of theirs is what foreign keys of others need. Foreign keys last: with them the fill would take ten times as long.
  for (const statement of [
    ...namedConstraintsSql(relation, model.contract),
    ...indexesSql(relation, model.contract),
    ...foreignKeysSql(relation, model.contract, build.targetOf, { named: true }),
  ]) {
    try {
      await run(statement, 'MDL4003');
    } catch (cause) {
      if (!(cause instanceof MedallionError && cause.postgres?.sqlstate.startsWith('23'))) throw cause;
      // The rows stand without it, and can be asked which of them break it.
      violation = cause;
      break;
    }
  }
  for (const comment of commentsSql('table', relation, model.contract))
    await run(plainSql(comment), 'MDL4003');
  await run(plainSql(`analyze ${quoteRelation(relation)}`), 'MDL4001');
  return { rows, violation, filled: filledColumns(columns) };
}

/** A table that a foreign key leads to has to be distributed alike, whatever the default number of shards has become since it was made. */
export function placementOf(
  { model, relation, targetOf }: ModelBuild,
  distribution: Distribution,
): Placement {
  if (distribution.kind === 'reference') return distribution;
  const alike = model.contract.foreignKeys
    .map(({ references }) => targetOf(references))
    .find((target) => target.distribution?.kind === 'column' && !isSame(target.relation, relation));
  return { kind: 'column', column: distribution.column, with: alike?.relation };
}

/** The statement that spreads an empty table of a model, which tells where the setting stands. */
export function placedSql(
  relation: Relation,
  placement: Placement,
  { distribution, file }: Model,
): ComposedSql {
  const where = distribution?.kind === 'column' ? distribution.where : { file };
  return compose([{ text: distributeSql(relation, placement) }], where);
}

function isSame(one: ModelBuild['relation'], other: ModelBuild['relation']): boolean {
  return one.schema === other.schema && one.name === other.name;
}

/**
 * Rows without a value in the distribution column belong to no node. Citus refuses them where it looks at each row, and leaves them out without a word where
 * the nodes fill the table by themselves: a model whose rows vanish is worse than one that fails.
 * @throws MedallionError MDL4001, MDL4014
 */
export async function refuseNowhere(
  sql: Sql,
  { model, query }: Pick<ModelBuild, 'model' | 'query'>,
  distribution: Distribution,
  columns: ModelColumns,
): Promise<void> {
  if (distribution.kind !== 'column') return;
  const { column, where } = distribution;
  const counting = compose([
    { text: 'select count(*) as rows from (\n' },
    ...contractedSelect(query, columns),
    { text: `\n) as r where r.${quoteIdentifier(column)} is null` },
  ]);
  const [counted] = await located(model, counting, 'MDL4001', () =>
    sql.unsafe<{ rows: number }[]>(counting.text),
  );
  if (counted!.rows === 0) return;
  throw new MedallionError('MDL4014', {
    message: `${model.name}: ${formatNumber(counted!.rows)} rows have no value in "${column}", which says on which node they belong.`,
    where,
    hint: `Leave them out in the select (where ${column} is not null), give them a value (coalesce), or distribute by another column.`,
  });
}
