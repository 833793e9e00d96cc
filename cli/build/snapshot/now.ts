import type { Placement } from '../../database/citus.js';
import type { Sql } from '../../database/connect.js';
import type { Relation } from '../../database/identifiers.js';
import { MedallionError } from '../../errors/index.js';
import { checkCharts } from '../../project/charts/check.js';
import { ownColumns, selectContract } from '../../project/snapshot.js';
import { refusedPart } from '../blame.js';
import { columnKinds } from '../describe-model.js';
import { placedSql, refuseNowhere } from '../distributed-model.js';
import type { ModelBuild } from '../model-build.js';
import { located, modelError } from '../model-error.js';
import {
  type ComposedSql,
  compose,
  createSql,
  filledColumns,
  insertSql,
  meetContract,
  selectSql,
} from '../model-sql.js';

/**
 * Creates a table of what the select of a snapshot returns, with the contract's casts and defaults.
 * @param placement how it is spread over the nodes of a cluster; null: it is not
 * @returns how many rows it has, and the columns that defaults fill
 * @throws MedallionError MDL4001, MDL4002, MDL4003, MDL4014, MDL2006, MDL5002
 */
export async function createNow(
  sql: Sql,
  build: ModelBuild,
  now: Relation,
  placement: Placement | null,
): Promise<{ readonly rows: number; readonly filled: readonly string[] }> {
  const { query } = build;
  const model = { ...build.model, contract: selectContract(build.model) };
  const select = selectSql(query);
  const described = await located(model, select, 'MDL4001', () => sql.unsafe(select.text).describe());
  const selected = described.columns.map((column) => column.name);
  const own = ownColumns(model.snapshot!.deletes);
  const taken = own.find(({ name }) => selected.includes(name));
  if (taken)
    throw new MedallionError('MDL4002', {
      message: `${model.name}: the select returns "${taken.name}", which a snapshot fills itself.`,
      where: model.snapshot!.where,
      hint: 'Return it under another name.',
    });
  const columns = meetContract(model, selected);
  checkCharts({
    model: model.name,
    charts: model.charts,
    columns: columnKinds(build.model, [
      ...described.columns,
      ...own.map(({ name, type }) => ({ name, type: type === 'boolean' ? 16 : 1184 })),
    ]),
    whereIs: model.whereIs,
  });
  const shape = { columns, selected };
  const run = (statement: ComposedSql, code: 'MDL4001' | 'MDL4014') =>
    located(model, statement, code, () => sql.unsafe(statement.text));
  const create = createSql('table', now, query, shape);
  try {
    if (!placement) return { rows: (await run(create, 'MDL4001')).count, filled: filledColumns(shape) };
    await refuseNowhere(sql, { model, query }, model.distribution!, shape);
    await run(compose([...create.pieces, { text: '\nwith no data' }]), 'MDL4001');
    await run(placedSql(now, placement, model), 'MDL4014');
    const { count } = await run(insertSql(now, query, shape), 'MDL4001');
    return { rows: count, filled: filledColumns(shape) };
  } catch (cause) {
    if (!(cause instanceof MedallionError && cause.postgres?.sqlstate.startsWith('22'))) throw cause;
    const failed = { model, query, relation: now, targetOf: build.targetOf };
    const refused = await refusedPart(sql, failed, columns, selected, cause.cause);
    throw refused ? modelError(model, refused.statement, 'MDL4003', refused.cause) : cause;
  }
}
