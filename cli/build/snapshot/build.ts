import { hash } from 'node:crypto';
import { areTogether, distributeSql, type Placement, placedAs } from '../../database/citus.js';
import type { Sql } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';
import { readDeltaCounts, readKeyEquality } from '../../publish/delta/index.js';
import type { Way } from '../compare-staged.js';
import { placementOf } from '../distributed-model.js';
import type { BuiltModel, ModelBuild } from '../model-build.js';
import { type History, type RealColumn, readColumns, readHistory } from './history.js';
import { createNow } from './now.js';
import { requireVersionable } from './require.js';
import {
  changesColumn,
  continuedViewSql,
  countGoneBackSql,
  createChangesSql,
  fillChangesSql,
  sinceSql,
  type Versions,
  writeChangesSql,
} from './versions-sql.js';
import { createWhole, enforce } from './whole.js';

/** What is known of a relation in its place. */
type Standing = 'missing' | 'whole' | 'altered';

export interface SnapshotBuild extends ModelBuild {
  readonly published: Relation;
  readonly stands: Standing;
  /** Of an environment: where it finds the history that its own begins with. */
  readonly begins: { readonly relation: Relation; readonly stands: Standing } | undefined;
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
 * @throws MedallionError MDL1212, MDL4001, MDL4002, MDL4003, MDL4013, MDL4014, MDL4016, MDL2006, MDL5002
 */
export async function buildSnapshot(sql: Sql, build: SnapshotBuild): Promise<BuiltSnapshot> {
  const { model, relation, published } = build;
  const [now, changes] = [auxiliary(relation, 'now'), auxiliary(relation, 'changes')];
  await sql.unsafe(`drop table if exists ${quoteRelation(now)}, ${quoteRelation(changes)}`);
  const placement = await findPlacement(sql, build);
  const { rows, filled } = await createNow(sql, build, now, placement);
  const selected = await readColumns(sql, now);
  const isLocal = await requireVersionable(sql, model, now, selected);
  const since = sinceSql(model.snapshot!, build.moment, isLocal);
  const own = await readHistory(sql, model, published, build.stands, selected);
  const { begins } = build;
  const history =
    own ?? (begins && (await readHistory(sql, model, begins.relation, begins.stands, selected)));
  const isPlaced = !placement || !own || (await areTogether(sql, now, published));
  const isWhole = !own || !build.hasSameContract || build.isBound || !isPlaced || !fits(own, selected);
  const holder = isWhole ? relation : own.relation;
  const marksDeleted = model.snapshot!.deletes === 'new_record' || history?.marksDeleted === true;
  if (isWhole) await createWhole(sql, { build, now, selected, marksDeleted, since, placement }, history);
  if (!history) {
    const violation = await enforce(sql, build, placement);
    const way: Way = { how: 'swap', why: 'it is new' };
    return { rows, filled, violation, way, isView: false, hasHistory: false, goneBack: 0 };
  }
  const names = selected.map(({ name }) => name);
  const kept = history.columns.map(({ name }) => name).filter((name) => !names.includes(name));
  const snapshot = model.snapshot!;
  const watched = snapshot.by.strategy === 'check' ? snapshot.by.columns : [];
  const versions: Versions = {
    ...{ snapshot, history: holder, now, selected: names, moment: build.moment, since },
    columns: [...names, ...kept],
    marksDeleted,
    compared: (watched ?? names.filter((name) => !filled.includes(name))).filter(
      (name) => !snapshot.key.includes(name),
    ),
    equality: (await readKeyEquality(sql, holder, model.contract.primaryKey))!.slice(0, snapshot.key.length),
  };
  const fill = fillChangesSql(versions, changes);
  await sql.unsafe(createChangesSql(versions, changes));
  if (placement) await sql.unsafe(distributeSql(changes, besides(placement, holder, versions)));
  await sql.unsafe(fill);
  const counts = await readDeltaCounts(sql, changes);
  const built = {
    ...{ rows, filled, hasHistory: own !== undefined, goneBack: await goneBack(sql, versions) },
    violation: undefined,
    isView: false,
  };
  const isSame = own && build.hasSameContract && isPlaced && fits(own, selected);
  if (isSame && counts.inserted + counts.updated === 0)
    return { ...built, way: { how: 'same', why: 'nothing has changed' } };
  const statements = writeChangesSql(versions, changes);
  if (isWhole) {
    if (counts.updated > 0) await sql.unsafe(statements.updates);
    await sql.unsafe(statements.inserts);
    const violation = await enforce(sql, build, placement);
    return { ...built, violation, way: { how: 'swap', why: whyWhole(build, own, selected, isPlaced) } };
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

/** Where the rows of a snapshot go on a cluster: to those that it has. Null: it is on one node. */
async function findPlacement(sql: Sql, build: SnapshotBuild): Promise<Placement | null> {
  const { distribution } = build.model;
  if (!build.isScaledOut || !distribution) return null;
  const placement = placementOf(build, distribution);
  if (placement.kind === 'reference' || placement.with || !build.hasSameContract) return placement;
  return (await placedAs(sql, build.published)) === 'column'
    ? { ...placement, with: build.published }
    : placement;
}

/** The changes of a row are where its versions are. */
function besides(placement: Placement, holder: Relation, versions: Versions): Placement {
  return placement.kind === 'reference'
    ? placement
    : { kind: 'column', column: changesColumn(versions, placement.column), with: holder };
}

/** The history has every column of the select, with its type. */
function fits({ columns }: History, selected: readonly RealColumn[]): boolean {
  const known = new Map(columns.map(({ name, type }) => [name, type]));
  return selected.every(({ name, type }) => known.get(name) === type);
}

function whyWhole(
  { stands, isBound }: SnapshotBuild,
  own: History | undefined,
  selected: readonly RealColumn[],
  isPlaced: boolean,
): string {
  if (!own) return 'it is new';
  if (!fits(own, selected)) return 'its columns changed';
  if (stands === 'altered') return 'others changed it';
  if (!isPlaced) return 'its rows are on other nodes';
  return isBound ? 'a policy reads it' : 'its contract changed';
}

async function goneBack(sql: Sql, versions: Versions): Promise<number> {
  const { by } = versions.snapshot;
  if (by.strategy === 'check') return 0;
  const [counted] = await sql.unsafe<{ rows: number }[]>(countGoneBackSql(versions, by.updatedAt));
  return counted!.rows;
}
