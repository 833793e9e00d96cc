import type { Transaction } from '../database/connect.js';
import { quoteLiteral, quoteRelation, type RelationKind } from '../database/identifiers.js';
import { lockTables } from '../database/vacuums.js';
import { MedallionError } from '../errors/index.js';
import {
  type DependentKey,
  type DependentObject,
  type DependentView,
  dependentKeysSql,
  dependentObjectsSql,
  dependentViewsSql,
  type OtherDependent,
  type OwnKey,
  otherDependentsSql,
  ownKeysSql,
  referencedTablesSql,
  type ViewToLock,
  viewsToLockSql,
} from './dependents.js';
import type { Move } from './move.js';
import { findPublished, type OwnRelation, type PublishedRelation } from './relations.js';

export interface Replacement {
  readonly move: Move;
  /** Undefined at a first publish. */
  readonly old: OwnRelation | undefined;
}

/** Everything about the published relations that a swap has to know before it touches them. */
export interface Survey {
  readonly replacements: readonly Replacement[];
  /** Views of others, and view models of ours that stay. */
  readonly views: readonly DependentView[];
  /** Foreign keys of tables that stay. */
  readonly keys: readonly DependentKey[];
  /** Foreign keys of ours on replaced tables, onto tables that stay. */
  readonly ownKeys: readonly OwnKey[];
  readonly objects: readonly DependentObject[];
  readonly others: readonly OtherDependent[];
  /** Statements that take every lock that the swap needs; empty at a first publish. */
  readonly locks: string;
  /** What will be locked, and what will be moved from the stage: names, quoted. */
  readonly tables: readonly string[];
  readonly materializedViews: readonly string[];
}

/**
 * Looks at what stands in the places of the moves and what hangs on it: two round trips, whatever the number of relations.
 * Expects an empty `search_path`, so that the catalog's functions qualify every name.
 * @throws MedallionError MDL4302 when something there is not ours
 */
export async function survey(tx: Transaction, project: string, moves: readonly Move[]): Promise<Survey> {
  const published = await findPublished(tx, project, moves);
  const replacements = moves.map((move, i) => ({ move, old: ours(move, published[i]) }));
  const replaced = replacements.flatMap(({ old }) => (old ? [old.oid] : []));
  const staged = (of: RelationKind) =>
    moves.filter(({ kind }) => kind === of).map(({ from }) => quoteRelation(from));
  const standing = (of: RelationKind) =>
    replacements.filter(({ old }) => old?.kind === of).map(({ move }) => quoteRelation(move.to));
  const materializedViews = [...standing('materialized_view'), ...staged('materialized_view')];
  if (replaced.length === 0)
    return {
      ...{ replacements, views: [], keys: [], ownKeys: [], objects: [], others: [], locks: '' },
      ...{ tables: staged('table'), materializedViews },
    };
  const oids = `${quoteLiteral(`{${replaced.join(',')}}`)}::pg_catalog.oid[]`;
  // Simple queries in one go: Postgres answers them in order, in one round trip.
  const [views, keys, ownKeys, objects, others, viewsToLock, referenced] = await Promise.all([
    tx.unsafe<DependentView[]>(dependentViewsSql(oids)),
    tx.unsafe<DependentKey[]>(dependentKeysSql(oids)),
    tx.unsafe<OwnKey[]>(ownKeysSql(oids, quoteLiteral(project))),
    tx.unsafe<DependentObject[]>(dependentObjectsSql(oids)),
    tx.unsafe<OtherDependent[]>(otherDependentsSql(oids)),
    tx.unsafe<ViewToLock[]>(viewsToLockSql(oids)),
    tx.unsafe<{ name: string }[]>(referencedTablesSql(oids)),
  ]);
  const tables = [
    ...standing('table'),
    ...keys.map((key) => key.table),
    ...objects.flatMap(({ table }) => (table === null ? [] : [table])),
    ...referenced.map(({ name }) => name),
  ];
  return {
    ...{ replacements, views, keys, ownKeys, objects, others, locks: lockStatements(viewsToLock, tables) },
    ...{ tables: [...tables, ...staged('table')], materializedViews },
  };
}

function ours(move: Move, old: PublishedRelation | undefined): OwnRelation | undefined {
  if (!old) return undefined;
  const { kind, owned } = old;
  if (!owned || kind === 'other') {
    throw new MedallionError('MDL4302', {
      message: `${quoteRelation(move.to)} exists already and was not made by this project, so ${move.node} cannot be published there.`,
    });
  }
  return { ...old, kind, owned };
}

/**
 * All locks are asked for in one go: between two round trips, readers would come to hold one relation and wait for another, and with us for each other.
 * Views come first, the later made ones before those that they may read, as a reader of views takes them.
 *
 * `lock table` on a view would lock all that the view reads, which may belong to others; giving a view to its own owner locks it and nothing else.
 */
function lockStatements(views: readonly ViewToLock[], tables: readonly string[]): string {
  const statements = views.map((view) => `alter ${view.kind} ${view.name} owner to ${view.owner}`);
  if (tables.length > 0) statements.push(lockTables(tables, 'access exclusive'));
  return statements.join('; ');
}
