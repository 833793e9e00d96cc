import type { Transaction } from '../database/connect.js';
import {
  kindSql,
  quoteIdentifier,
  quoteLiteral,
  quoteRelation,
  type Relation,
  type RelationKind,
} from '../database/identifiers.js';
import { postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import { type CarriedObject, readCarriedObjects } from './carry-over.js';
import { type DependentKey, type DependentObject, type DependentView, dropOrderSql } from './dependents.js';
import { droppedViews, type EnvironmentView, environmentViews, rebindOrDrop } from './environment-views.js';
import { grantStatements } from './grants.js';
import type { Move } from './move.js';
import { type OwnRelation, recordPublished } from './relations.js';
import type { Replacement, Survey } from './survey.js';

export interface SwapContext {
  readonly project: string;
  readonly runId: number;
  /** As Postgres counts it, e.g. 180004. */
  readonly serverVersion: number;
}

/** A statement of the swap. */
interface Step {
  readonly statement: string;
  /** What cannot be kept should it fail: it keeps something of others. */
  readonly keeps?: string;
}

/**
 * Puts staged relations in the place of published ones, inside the caller's transaction, which holds the locks of the survey. The old relation moves to a trash schema first,
 * because its indexes and constraints keep their names and would be in the way; what others hung on it is then bound to the
 * new one, and the trash is dropped without taking anything else along.
 * @returns what has become of views of environments, for people
 * @throws MedallionError MDL4301 (a dependent cannot be kept); lock timeouts as Postgres raises them
 */
export async function swap(tx: Transaction, context: SwapContext, found: Survey): Promise<readonly string[]> {
  const { replacements, views, keys, objects } = found;
  const moves = replacements.map(({ move }) => move);
  const ofEnvironments = await environmentViews(tx, context.project, views);
  const carried = await requireKeepable(tx, found, context.serverVersion, ofEnvironments);
  await recordPublished(tx, context.project, context.runId, moves);
  const trash = trashSchemas(context.project, replacements);
  const doomed = await inDropOrder(tx, replacements);
  const steps: Step[] = [
    ...carried.flatMap(letGo),
    { statement: [...moveAway(replacements, trash), ...moves.flatMap(moveIn)].join(';\n') },
    ...carried.flatMap(carryOver),
    ...views.map((view) => rebindView(view, ofEnvironments.get(view.oid))),
    ...keys.map(rebindKey),
    ...objects.map(rebindObject),
    ...dropTrash(doomed, trash),
  ];
  // Sent in one go and answered in order: after one that fails Postgres refuses the rest, so the first rejection is the reason.
  await Promise.all(steps.map((step) => take(tx, step)));
  return droppedViews(tx, views, ofEnvironments);
}

/**
 * What others have on relations that are about to be replaced, to be carried over. Expects an empty `search_path`.
 * @throws MedallionError MDL4301: something of it is known not to be kept
 */
export async function requireKeepable(
  tx: Transaction,
  found: Survey,
  serverVersion: number,
  ofEnvironments: ReadonlyMap<number, EnvironmentView>,
): Promise<readonly CarriedObject[]> {
  refuseUnkeepable(found, ofEnvironments);
  const carried = await readCarriedObjects(tx, found.replacements, serverVersion);
  refuseUncarried(carried);
  return carried;
}

function refuseUnkeepable(
  { views, others }: Survey,
  ofEnvironments: ReadonlyMap<number, EnvironmentView>,
): void {
  const materialized = views.find((view) => view.isMaterialized && !ofEnvironments.has(view.oid));
  if (materialized) {
    throw new MedallionError('MDL4301', {
      message: `The materialized view ${materialized.name} reads ${materialized.reads}, which would be replaced; a materialized view cannot be bound to another table.`,
      hint:
        materialized.node === null
          ? `Make it a model, a plain view, or drop it before building: drop materialized view ${materialized.name};`
          : `Build it in the same run: --select ${materialized.node}, beside what you select. Where it has left the project: drop materialized view ${materialized.name};`,
    });
  }
  const [other] = others;
  if (other) {
    throw new MedallionError('MDL4301', {
      message: `${other.description} depends on ${other.dependsOn}, which would be replaced.`,
    });
  }
}

function refuseUncarried(carried: readonly CarriedObject[]): void {
  const lost = carried.find(({ statement }) => statement === null);
  if (lost)
    throw new MedallionError('MDL4301', {
      message: `The ${lost.description} that others put on ${lost.relation} cannot be kept: no build makes it again.`,
      hint: 'Have it made by the model (for bronze: by the source), or keep it in a table of your own with a foreign key, and drop it here.',
    });
}

/** One trash schema for each layer's: relations of different layers may share a name. */
function trashSchemas(project: string, replacements: readonly Replacement[]): ReadonlyMap<string, string> {
  const schemas = new Set(replacements.filter(({ old }) => old).map(({ move }) => move.to.schema));
  return new Map([...schemas].map((schema, i) => [schema, `mdl_trash_${project}_${i}`]));
}

function moveAway(replacements: readonly Replacement[], trash: ReadonlyMap<string, string>): string[] {
  return [
    ...[...trash.values()].map((schema) => `create schema ${quoteIdentifier(schema)}`),
    ...replacements.flatMap(({ move, old }) =>
      old ? [moveTo(old.kind, move.to, trash.get(move.to.schema)!)] : [],
    ),
  ];
}

function moveIn({ kind, from, to, grants }: Move): string[] {
  const arrived: Relation = { schema: to.schema, name: from.name };
  return [
    moveTo(kind, from, to.schema),
    ...(from.name === to.name
      ? []
      : [`alter ${kindSql(kind)} ${quoteRelation(arrived)} rename to ${quoteIdentifier(to.name)}`]),
    ...grantStatements(to, grants),
  ];
}

function moveTo(kind: RelationKind, relation: Relation, schema: string): string {
  return `alter ${kindSql(kind)} ${quoteRelation(relation)} set schema ${quoteIdentifier(schema)}`;
}

function letGo({ description, relation, before }: CarriedObject): Step[] {
  return before === undefined ? [] : [{ statement: before, keeps: cannotKeep(description, relation) }];
}

function carryOver({ description, relation, statement }: CarriedObject): Step[] {
  return statement === null ? [] : [{ statement, keeps: cannotKeep(description, relation) }];
}

function cannotKeep(description: string, relation: string): string {
  return `The ${description} that others put on ${relation} cannot be kept`;
}

function rebindView(view: DependentView, ofEnvironment: EnvironmentView | undefined): Step {
  const rebind = `create or replace view ${view.name} ${view.options} as ${view.definition}`;
  return {
    statement: ofEnvironment ? rebindOrDrop(rebind, ofEnvironment) : rebind,
    keeps: `The view ${view.name} reads ${view.reads} and cannot be kept`,
  };
}

function rebindKey({ table, constraint, definition, references }: DependentKey): Step {
  return {
    statement: `alter table ${table} drop constraint if exists ${constraint}; alter table ${table} add constraint ${constraint} ${definition}`,
    keeps: `The foreign key ${constraint} of ${table} onto ${references} cannot be kept`,
  };
}

function rebindObject({ description, reads, statement }: DependentObject): Step {
  return { statement, keeps: `The ${description} reads ${reads} and cannot be kept` };
}

/** Replaced relations, those that read others first. Tables come last: nothing of ours reads a view through a table. */
async function inDropOrder(
  tx: Transaction,
  replacements: readonly Replacement[],
): Promise<readonly Doomed[]> {
  const replaced = replacements.flatMap(({ move, old }) => (old ? [{ move, old }] : []));
  const doomed = (['view', 'materialized_view', 'table'] as const).flatMap((kind) =>
    replaced.filter(({ old }) => old.kind === kind),
  );
  if (!doomed.some(({ old }) => old.kind === 'materialized_view')) return doomed;
  const oids = `${quoteLiteral(`{${doomed.map(({ old }) => old.oid).join(',')}}`)}::oid[]`;
  const order = await tx.unsafe<{ oid: number }[]>(dropOrderSql(oids));
  const places = new Map(order.map(({ oid }, place) => [oid, place]));
  const placeOf = ({ old }: Doomed) => (old.kind === 'table' ? places.size : places.get(old.oid)!);
  return doomed.sort((one, other) => placeOf(one) - placeOf(other));
}

type Doomed = Replacement & { readonly old: OwnRelation };

/** Nothing goes along: had anything of others been overlooked, Postgres refuses here and nothing is published. */
function dropTrash(doomed: readonly Doomed[], trash: ReadonlyMap<string, string>): Step[] {
  const groups: { kind: RelationKind; names: string[] }[] = [];
  for (const { move, old } of doomed) {
    if (groups.at(-1)?.kind !== old.kind) groups.push({ kind: old.kind, names: [] });
    groups.at(-1)!.names.push(quoteRelation({ schema: trash.get(move.to.schema)!, name: move.to.name }));
  }
  const drops = groups.map(({ kind, names }) => ({
    statement: `drop ${kindSql(kind)} ${names.join(', ')}`,
    keeps: 'Something still depends on a relation that would be replaced',
  }));
  const schemas = [...trash.values()].map((schema) => ({
    statement: `drop schema ${quoteIdentifier(schema)}`,
  }));
  return [...drops, ...schemas];
}

/** Carries out a step; should it keep something of others, its failure names that thing. Lock timeouts and deadlocks pass, to be tried again. */
async function take(tx: Transaction, { statement, keeps }: Step): Promise<void> {
  try {
    await tx.unsafe(statement);
  } catch (cause) {
    const known = postgresError(cause);
    if (keeps === undefined || !known || ['55P03', '40P01', '57014', '25P02'].includes(known.sqlstate))
      throw cause;
    throw new MedallionError('MDL4301', { message: `${keeps}: ${known.message}`, cause, postgres: known });
  }
}
