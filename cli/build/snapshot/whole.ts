import type { Placement } from '../../database/citus.js';
import type { Sql } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';
import { MedallionError } from '../../errors/index.js';
import { ownColumns } from '../../project/snapshot.js';
import { secureRows } from '../build-model.js';
import { commentsSql } from '../comments-sql.js';
import {
  constraintsSql,
  defaultsSql,
  foreignKeysSql,
  indexesSql,
  namedConstraintsSql,
} from '../contract-sql.js';
import { placedSql } from '../distributed-model.js';
import type { ModelBuild } from '../model-build.js';
import { located } from '../model-error.js';
import { type ComposedSql, plainSql } from '../model-sql.js';
import { continuedSelect, type History, type RealColumn } from './history.js';
import { firstVersionsSql } from './versions-sql.js';

export interface WholeHistory {
  readonly build: ModelBuild;
  /** What the select returns now. */
  readonly now: Relation;
  readonly selected: readonly RealColumn[];
  /** Versions that say that a row was deleted are marked. */
  readonly marksDeleted: boolean;
  /** When the version of a row of `now` begins, see `sinceSql`. */
  readonly since: string;
  /** How it is spread over the nodes of a cluster; null: it is not. */
  readonly placement: Placement | null;
}

/**
 * Creates a table of the whole history as it is, with the key that its versions are found by; without a history, of what the select returns now, which begins.
 * @throws MedallionError MDL4003, MDL4014, MDL4016, MDL2006, MDL5002
 */
export async function createWhole(
  sql: Sql,
  { build: { model, relation }, now, selected, marksDeleted, since, placement }: WholeHistory,
  history: History | undefined,
): Promise<void> {
  const own = ownColumns(marksDeleted ? 'new_record' : 'ignore');
  const select = history
    ? await continuedSelect(sql, model, history, selected, marksDeleted)
    : firstVersionsSql(now, since, marksDeleted);
  const { where, primaryKey } = model.contract;
  const run = (statement: ComposedSql, code: 'MDL4003' | 'MDL4014' = 'MDL4003') =>
    located(model, { ...statement, where: where.primaryKey }, code, () => sql.unsafe(statement.text));
  const name = quoteRelation(relation);
  await run(plainSql(`create table ${name} as ${select}${placement ? ' with no data' : ''}`));
  if (placement) {
    const besides = placement.kind === 'reference' ? placement : { ...placement, with: now };
    await run(placedSql(relation, besides, model), 'MDL4014');
    await run(plainSql(`insert into ${name} ${select}`));
  }
  const notNull = own.filter((column) => column.notNull && !primaryKey.includes(column.name));
  await run(
    plainSql(
      `alter table ${name} ${notNull.map((column) => `alter column ${column.name} set not null`).join(', ')}`,
    ),
  );
  const [key] = (placement ? namedConstraintsSql : constraintsSql)(relation, {
    ...model.contract,
    ...{ columns: null, uniques: [], checks: [] },
  });
  await run(key!);
}

/**
 * Gives the table the rest of the contract.
 * @returns the error of a promise that rows break
 * @throws MedallionError MDL4003, MDL2006, MDL5002
 */
export async function enforce(
  sql: Sql,
  build: ModelBuild,
  placement: Placement | null,
): Promise<MedallionError | undefined> {
  const { model, relation, targetOf } = build;
  const contract = { ...model.contract, primaryKey: [] };
  const promises = [
    ...(placement
      ? [...defaultsSql(relation, contract), ...namedConstraintsSql(relation, contract)]
      : constraintsSql(relation, contract)),
    ...indexesSql(relation, contract),
    ...foreignKeysSql(relation, contract, targetOf, { named: placement !== null }),
    ...commentsSql('table', relation, contract).map(plainSql),
    plainSql(`analyze ${quoteRelation(relation)}`),
  ];
  try {
    // One by one, as a cluster wants it.
    for (const statement of promises)
      await located(model, statement, 'MDL4003', () => sql.unsafe(statement.text));
  } catch (cause) {
    if (cause instanceof MedallionError && cause.postgres?.sqlstate.startsWith('23')) return cause;
    throw cause;
  }
  await secureRows(sql, build);
  return undefined;
}
