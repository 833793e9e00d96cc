import { hash } from 'node:crypto';
import type { Sql } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import { MedallionError } from '../../errors/index.js';
import { checkCharts } from '../../project/charts/check.js';
import { selectContract, snapshotColumns } from '../../project/snapshot.js';
import { readDeltaCounts, readKeyEquality } from '../../publish/delta/index.js';
import { refusedPart } from '../blame.js';
import { secureRows } from '../build-model.js';
import { commentsSql } from '../comments-sql.js';
import type { Way } from '../compare-staged.js';
import { constraintsSql, foreignKeysSql, indexesSql } from '../contract-sql.js';
import { columnKinds } from '../describe-model.js';
import type { BuiltModel, ModelBuild } from '../model-build.js';
import { located, modelError } from '../model-error.js';
import {
  compose,
  createSql,
  filledColumns,
  joinSql,
  meetContract,
  plainSql,
  selectSql,
} from '../model-sql.js';
import { continuedSelect, type History, type RealColumn, readColumns, readHistory } from './history.js';
import { requireVersionable } from './require.js';
import {
  continuedViewSql,
  countGoneBackSql,
  createChangesSql,
  fillChangesSql,
  type Versions,
  writeChangesSql,
} from './versions-sql.js';

export interface SnapshotBuild extends ModelBuild {
  readonly published: Relation;
  readonly stands: 'missing' | 'whole' | 'altered';
  readonly hasSameContract: boolean;
  /** Something that is published with it needs a table of it in the stage. */
  readonly isBound: boolean;
  /** When what changes changes. */
  readonly moment: string;
}

export interface BuiltSnapshot extends BuiltModel {
  readonly way: Way;
  /** The staged relation has no constraints: it is a view of what is published, and of what is to be. */
  readonly isView: boolean;
  readonly hasHistory: boolean;
  /** Rows whose time of change went back. */
  readonly goneBack: number;
}

/**
 * Builds a snapshot in the stage: what has changed in a table of its own, and a view that shows the whole as it will be. At first, and when its columns or its
 * contract change, a table with the whole history is built, which takes the place of the published one.
 * @throws MedallionError MDL1212, MDL4001, MDL4002, MDL4003, MDL4016, MDL2006, MDL5002
 */
export async function buildSnapshot(sql: Sql, build: SnapshotBuild): Promise<BuiltSnapshot> {
  const { model, relation, published } = build;
  const [now, changes] = [auxiliary(relation, 'now'), auxiliary(relation, 'changes')];
  await sql.unsafe(`drop table if exists ${quoteRelation(now)}, ${quoteRelation(changes)}`);
  const { rows, filled } = await createNow(sql, build, now);
  const selected = await readColumns(sql, now);
  await requireVersionable(sql, model, now, selected);
  const history = await readHistory(sql, model, published, build.stands);
  const isWhole = !history || !build.hasSameContract || build.isBound || !fits(history, selected);
  const holder = isWhole ? relation : history.relation;
  if (isWhole) await createWhole(sql, build, history, now, selected);
  const names = selected.map(({ name }) => name);
  const kept = history?.columns.map(({ name }) => name).filter((name) => !names.includes(name)) ?? [];
  const snapshot = model.snapshot!;
  const watched = snapshot.by.strategy === 'check' ? snapshot.by.columns : [];
  const versions: Versions = {
    ...{ snapshot, history: holder, now, selected: names, moment: build.moment },
    columns: [...names, ...kept],
    compared: (watched ?? names.filter((name) => !filled.includes(name))).filter(
      (name) => !snapshot.key.includes(name),
    ),
    equality: (await readKeyEquality(sql, holder, model.contract.primaryKey))!.slice(0, snapshot.key.length),
  };
  const fill = fillChangesSql(versions, changes);
  await sql.unsafe(`${createChangesSql(versions, changes)};\n${fill}`);
  const counts = await readDeltaCounts(sql, changes);
  const built = {
    ...{ rows, filled, hasHistory: history !== undefined, goneBack: await goneBack(sql, versions) },
    violation: undefined,
    isView: false,
  };
  const isSame = history && build.hasSameContract && fits(history, selected);
  if (isSame && counts.inserted + counts.updated === 0)
    return { ...built, way: { how: 'same', why: 'nothing has changed' } };
  const statements = writeChangesSql(versions, changes);
  if (isWhole) {
    await sql.unsafe(`${statements.updates};\n${statements.inserts}`);
    const violation = await enforce(sql, build);
    return { ...built, violation, way: { how: 'swap', why: whyWhole(build, history, selected) } };
  }
  const order = (await readColumns(sql, published)).map(({ name }) => name);
  await sql.unsafe(continuedViewSql(versions, changes, relation, order));
  const delta = { relation: changes, counts, statements, refill: fill, isWhole: false };
  return { ...built, isView: true, way: { how: 'delta', why: 'a snapshot keeps its history', delta } };
}

/** A table of the stage that no model can have. */
function auxiliary({ schema, name }: Relation, part: string): Relation {
  return { schema, name: `mdl_${part}_${hash('sha256', name).slice(0, 16)}` };
}

/** The history has every column of the select, with its type. */
function fits({ columns }: History, selected: readonly RealColumn[]): boolean {
  const known = new Map(columns.map(({ name, type }) => [name, type]));
  return selected.every(({ name, type }) => known.get(name) === type);
}

function whyWhole(
  { stands, isBound }: SnapshotBuild,
  history: History | undefined,
  selected: readonly RealColumn[],
): string {
  if (!history) return 'it is new';
  if (!fits(history, selected)) return 'its columns changed';
  if (stands === 'altered') return 'others changed it';
  return isBound ? 'a policy reads it' : 'its contract changed';
}

/** What the select returns, with the contract's casts and defaults. */
async function createNow(sql: Sql, build: SnapshotBuild, now: Relation) {
  const { query } = build;
  const model = { ...build.model, contract: selectContract(build.model) };
  const select = selectSql(query);
  const described = await located(model, select, 'MDL4001', () => sql.unsafe(select.text).describe());
  const selected = described.columns.map((column) => column.name);
  const taken = snapshotColumns.find(({ name }) => selected.includes(name));
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
      ...snapshotColumns.map(({ name, type }) => ({ name, type: type === 'boolean' ? 16 : 1184 })),
    ]),
    whereIs: model.whereIs,
  });
  const shape = { columns, selected };
  const create = createSql('table', now, query, shape);
  try {
    const { count } = await located(model, create, 'MDL4001', () => sql.unsafe(create.text));
    return { rows: count, filled: filledColumns(shape) };
  } catch (cause) {
    if (!(cause instanceof MedallionError && cause.postgres?.sqlstate.startsWith('22'))) throw cause;
    const failed = { model, query, relation: now, targetOf: build.targetOf };
    const refused = await refusedPart(sql, failed, columns, selected, cause.cause);
    throw refused ? modelError(model, refused.statement, 'MDL4003', refused.cause) : cause;
  }
}

/** A table of the whole history as it is, with the key that its versions are found by. */
async function createWhole(
  sql: Sql,
  { model, relation }: SnapshotBuild,
  history: History | undefined,
  now: Relation,
  selected: readonly RealColumn[],
): Promise<void> {
  const empty = snapshotColumns.map(({ name, type }) => `null::${type} as ${name}`);
  const select = history
    ? await continuedSelect(sql, model, history, selected)
    : `select n.*, ${empty.join(', ')} from ${quoteRelation(now)} n where false`;
  const { where, primaryKey } = model.contract;
  const key = `alter table ${quoteRelation(relation)} add primary key (${primaryKey.map(quoteIdentifier).join(', ')}), alter column is_current set not null`;
  const create = joinSql([
    plainSql(`create table ${quoteRelation(relation)} as ${select}`),
    compose([{ text: key, locate: () => where.primaryKey }], where.primaryKey),
  ]);
  await located(model, { ...create, where: where.primaryKey }, 'MDL4003', () => sql.unsafe(create.text));
}

/** The rest of the contract. @returns the error of a promise that rows break */
async function enforce(sql: Sql, build: SnapshotBuild): Promise<MedallionError | undefined> {
  const { model, relation, targetOf } = build;
  const contract = { ...model.contract, primaryKey: [] };
  const whole = joinSql([
    ...constraintsSql(relation, contract),
    ...indexesSql(relation, contract),
    ...foreignKeysSql(relation, contract, targetOf),
    ...commentsSql('table', relation, contract).map(plainSql),
    plainSql(`analyze ${quoteRelation(relation)}`),
  ]);
  try {
    await located(model, whole, 'MDL4003', () => sql.unsafe(whole.text));
  } catch (cause) {
    if (cause instanceof MedallionError && cause.postgres?.sqlstate.startsWith('23')) return cause;
    throw cause;
  }
  await secureRows(sql, build);
  return undefined;
}

async function goneBack(sql: Sql, versions: Versions): Promise<number> {
  const { by } = versions.snapshot;
  if (by.strategy === 'check') return 0;
  const [counted] = await sql.unsafe<{ rows: number }[]>(countGoneBackSql(versions, by.updatedAt));
  return counted!.rows;
}
