import type { Transaction } from '../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import { postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import { type CarriedObject, readCarriedObjects } from './carry-over.js';
import {
  type DependentKey,
  type DependentView,
  findDependentKeys,
  findDependentViews,
  findOtherDependents,
} from './dependents.js';
import type { Move } from './move.js';
import { findPublished, type PublishedRelation, readOwned, recordPublished } from './relations.js';

export interface Replacement {
  readonly move: Move;
  readonly old: PublishedRelation | undefined;
}

/** What stands in the places of the moves. @throws MedallionError MDL4302 when something there is not ours */
export async function findReplacements(
  tx: Transaction,
  project: string,
  moves: readonly Move[],
): Promise<Replacement[]> {
  const replacements: Replacement[] = [];
  for (const move of moves) replacements.push({ move, old: await findOurs(tx, project, move) });
  return replacements;
}

/**
 * Puts staged relations in the place of published ones, inside the caller's transaction, which holds the locks of `lockStatement`. The old relation moves to a trash schema first,
 * because its indexes and constraints keep their names and would be in the way; what others hung on it is then bound to the
 * new one, and the trash is dropped without taking anything else along.
 * @throws MedallionError MDL4301 (a dependent cannot be kept), MDL4302 (a relation is not ours); lock timeouts as Postgres raises them
 */
export async function swap(
  tx: Transaction,
  project: string,
  runId: number,
  moves: readonly Move[],
): Promise<void> {
  const replacements = await findReplacements(tx, project, moves);
  const replaced = replacements.flatMap(({ old }) => (old ? [old.oid] : []));
  const views = await findDependentViews(tx, replaced);
  const keys = await findDependentKeys(tx, replaced);
  await refuseUnkeepable(tx, views, replaced);
  const carried: { move: Move; objects: CarriedObject[] }[] = [];
  for (const { move, old } of replacements) {
    if (old?.owned && old.kind === move.kind)
      carried.push({ move, objects: await readCarriedObjects(tx, old.oid, old.owned, move.grantSelect) });
  }

  const trash = await moveOldAway(tx, project, replacements);
  for (const { move } of replacements) await moveIn(tx, project, runId, move);
  for (const { move, objects } of carried) await carryOver(tx, move, objects);
  for (const view of views) await rebindView(tx, view);
  for (const key of keys) await rebindKey(tx, key);
  await dropTrash(tx, replacements, trash);
}

async function findOurs(
  tx: Transaction,
  project: string,
  move: Move,
): Promise<PublishedRelation | undefined> {
  const old = await findPublished(tx, project, move.node, move.to);
  if (old && (!old.owned || old.kind === 'other')) {
    throw new MedallionError('MDL4302', {
      message: `${quoteRelation(move.to)} exists already and was not made by this project, so ${move.node} cannot be published there.`,
    });
  }
  return old;
}

async function refuseUnkeepable(
  tx: Transaction,
  views: readonly DependentView[],
  replaced: readonly number[],
): Promise<void> {
  const materialized = views.find((view) => view.isMaterialized);
  if (materialized) {
    throw new MedallionError('MDL4301', {
      message: `The materialized view ${materialized.name} reads ${materialized.reads}, which would be replaced; a materialized view cannot be bound to another table.`,
      hint: `Make it a model, a plain view, or drop it before building: drop materialized view ${materialized.name};`,
    });
  }
  const [other] = await findOtherDependents(tx, replaced);
  if (other) {
    throw new MedallionError('MDL4301', {
      message: `${other.description} depends on ${other.dependsOn}, which would be replaced.`,
    });
  }
}

/** One trash schema for each layer's: relations of different layers may share a name. */
async function moveOldAway(
  tx: Transaction,
  project: string,
  replacements: readonly Replacement[],
): Promise<ReadonlyMap<string, string>> {
  const trash = new Map<string, string>();
  for (const { move, old } of replacements) {
    if (!old) continue;
    let schema = trash.get(move.to.schema);
    if (!schema) {
      schema = `mdl_trash_${project}_${trash.size}`;
      trash.set(move.to.schema, schema);
      await tx.unsafe(`create schema ${quoteIdentifier(schema)}`);
    }
    await tx.unsafe(`alter ${old.kind} ${quoteRelation(move.to)} set schema ${quoteIdentifier(schema)}`);
  }
  return trash;
}

async function moveIn(tx: Transaction, project: string, runId: number, move: Move): Promise<void> {
  const owned = await readOwned(tx, move.from, move.grantSelect);
  const arrived: Relation = { schema: move.to.schema, name: move.from.name };
  await tx.unsafe(
    `alter ${move.kind} ${quoteRelation(move.from)} set schema ${quoteIdentifier(move.to.schema)}`,
  );
  if (move.from.name !== move.to.name)
    await tx.unsafe(
      `alter ${move.kind} ${quoteRelation(arrived)} rename to ${quoteIdentifier(move.to.name)}`,
    );
  if (move.grantSelect.length > 0) {
    await tx.unsafe(
      `grant select on ${quoteRelation(move.to)} to ${move.grantSelect.map(quoteIdentifier).join(', ')}`,
    );
  }
  await recordPublished(tx, project, runId, move, owned);
}

async function carryOver(tx: Transaction, move: Move, objects: readonly CarriedObject[]): Promise<void> {
  for (const { description, statement } of objects) {
    await explained(
      tx,
      statement,
      `The ${description} that others put on ${quoteRelation(move.to)} cannot be kept`,
    );
  }
}

async function rebindView(tx: Transaction, view: DependentView): Promise<void> {
  await explained(
    tx,
    `create or replace view ${view.name} ${view.options} as ${view.definition}`,
    `The view ${view.name} reads ${view.reads} and cannot be kept`,
  );
}

async function rebindKey(tx: Transaction, key: DependentKey): Promise<void> {
  await tx.unsafe(`alter table ${key.table} drop constraint ${key.constraint}`);
  await explained(
    tx,
    `alter table ${key.table} add constraint ${key.constraint} ${key.definition}`,
    `The foreign key ${key.constraint} of ${key.table} onto ${key.references} cannot be kept`,
  );
}

/** Runs a statement that keeps something of others; its failure names that thing. Lock timeouts and deadlocks pass, to be tried again. */
async function explained(tx: Transaction, statement: string, what: string): Promise<void> {
  try {
    await tx.unsafe(statement);
  } catch (cause) {
    const known = postgresError(cause);
    if (!known || ['55P03', '40P01', '57014'].includes(known.sqlstate)) throw cause;
    throw new MedallionError('MDL4301', { message: `${what}: ${known.message}`, cause, postgres: known });
  }
}

/** Without CASCADE: had anything of others been overlooked, Postgres refuses here and nothing is published. */
async function dropTrash(
  tx: Transaction,
  replacements: readonly Replacement[],
  trash: ReadonlyMap<string, string>,
): Promise<void> {
  for (const kind of ['view', 'table'] as const) {
    const names = replacements
      .filter(({ old }) => old?.kind === kind)
      .map(({ move }) => quoteRelation({ schema: trash.get(move.to.schema)!, name: move.to.name }));
    if (names.length > 0)
      await explained(
        tx,
        `drop ${kind} ${names.join(', ')}`,
        'Something still depends on a relation that would be replaced',
      );
  }
  for (const schema of trash.values()) await tx.unsafe(`drop schema ${quoteIdentifier(schema)}`);
}
