import type { Sql } from '../database/connect.js';
import { didYouMean, MedallionError } from '../errors/index.js';
import type { ColumnKind } from '../project/charts/chart.js';
import { checkCharts } from '../project/charts/check.js';
import { kindOfOid, kindOfType } from '../project/charts/column-kind.js';
import { type ContractColumn, type Model, relationKind } from '../project/model.js';
import type { ModelBuild } from './model-build.js';
import { located } from './model-error.js';
import { type Before, type ModelColumns, meetContract, selectSql } from './model-sql.js';

/**
 * Asks Postgres for the columns of a model's query, and holds them against the front matter.
 * @throws MedallionError MDL1212 (charts), MDL4001 (its SQL fails), MDL4002 (columns)
 */
export async function describeModel(
  sql: Sql,
  build: Pick<ModelBuild, 'model' | 'query' | 'before'>,
): Promise<ModelColumns> {
  const { model } = build;
  const select = selectSql(build.query);
  const described = await located(model, select, 'MDL4001', () => sql.unsafe(select.text).describe());
  const selected = described.columns.map((column) => column.name);
  const columns = meetContract(model, selected);
  requireDistributionColumn(model, selected);
  checkCharts({
    model: model.name,
    charts: model.charts,
    columns: columnKinds(model, described.columns),
    whereIs: model.whereIs,
  });
  const isTable = relationKind(model) === 'table';
  return { columns, selected, before: isTable ? knownRows(build, columns, described.columns) : undefined };
}

/** The published relation, if its rows can be known again: by the key, with the types that the select has now. */
function knownRows(
  { model, before }: Pick<ModelBuild, 'model' | 'before'>,
  columns: readonly ContractColumn[] | null,
  selected: readonly { readonly name: string; readonly type: number }[],
): Before | undefined {
  const { primaryKey } = model.contract;
  if (!before || primaryKey.length === 0) return undefined;
  const declared = new Set(columns?.filter(({ type }) => type !== undefined).map(({ name }) => name));
  const isKnown = ({ name, type }: { readonly name: string; readonly type: number }) =>
    declared.has(name) ? before.types.has(name) : before.types.get(name) === type;
  return selected.every(isKnown) &&
    primaryKey.every((name) => selected.some((column) => column.name === name))
    ? { relation: before.relation, key: primaryKey }
    : undefined;
}

/** The kinds of a model's columns: as declared, or as its select has them. */
export function columnKinds(
  { contract }: Model,
  selected: readonly { readonly name: string; readonly type: number }[],
): ReadonlyMap<string, ColumnKind | undefined> {
  const declared = contract.columns?.map(({ name, type }) => [name, type && kindOfType(type)] as const) ?? [];
  const known = declared.filter((entry): entry is readonly [string, ColumnKind] => entry[1] !== undefined);
  return new Map<string, ColumnKind | undefined>([
    ...declared.map(([name]) => [name, undefined] as const),
    ...selected.map(({ name, type }) => [name, kindOfOid(type)] as const),
    ...known,
  ]);
}

/** Where a contract names the columns, this is known without a database. */
function requireDistributionColumn(
  { name, contract, distribution }: Model,
  selected: readonly string[],
): void {
  if (distribution?.kind !== 'column' || contract.columns || selected.includes(distribution.column)) return;
  throw new MedallionError('MDL4002', {
    message: `${name}: the select has no column "${distribution.column}" to distribute by.`,
    where: distribution.where,
    hint: didYouMean(distribution.column, selected),
  });
}
