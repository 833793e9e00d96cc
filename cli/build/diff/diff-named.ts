import type { Transaction } from '../../database/connect.js';
import type { Relation } from '../../database/identifiers.js';
import { errorCode, isCancelled, isOutOfTime, postgresError } from '../../database/postgres-error.js';
import { databaseTrouble, moreTime } from '../../database/trouble.js';
import { MedallionError } from '../../errors/index.js';
import { isEphemeral } from '../../graph/compile.js';
import type { NodeName } from '../../project/model.js';
import { openDatabase } from '../open-database.js';
import type { OpenProject } from '../open-project.js';
import { relationFinder } from '../relation-finder.js';
import type { RelationDiff } from './diff.js';
import { type DiffOptions, diffRelations } from './diff-relations.js';

/**
 * Compares two relations as they are published, both as of one moment. Each is named as a model or bronze table, or as SQL would name any relation of the
 * database.
 * @throws MedallionError MDL1004 (an ephemeral model), MDL4311 (a name means nothing), MDL4312, MDL4313 (Postgres refused), and those of reaching the database
 */
export async function diffNamed(
  project: OpenProject,
  names: readonly [string, string],
  options: DiffOptions,
): Promise<RelationDiff> {
  const database = await openDatabase(project.options);
  try {
    const sql = database.connect({
      max: 1,
      applicationName: 'mdl',
      statementTimeout: project.options.statementTimeout,
    });
    return await sql.begin(async (tx) => {
      await tx.unsafe('set transaction isolation level repeatable read, read only');
      const [a, b] = [await find(tx, project, names[0]), await find(tx, project, names[1])];
      return diffRelations(tx, a.relation, b.relation, {
        ...options,
        knownKeys: [a.key, b.key],
      });
    });
  } catch (cause) {
    throw diffError(cause);
  } finally {
    await database.close();
  }
}

/** Postgres joins two tables of 1,664 columns in all at most. */
const tooWide = 'Name the columns to compare with --columns, or ask for no samples: --limit 0.';

/** What a view, or a type without order, makes fail is no error of ours. */
function diffError(cause: unknown): unknown {
  const known = postgresError(cause);
  if (!known || isCancelled(cause) || databaseTrouble(cause, '')) return cause;
  return new MedallionError('MDL4313', {
    message: `The relations cannot be compared: ${known.message}`,
    hint: isOutOfTime(cause) ? moreTime : known.sqlstate === '54011' ? tooWide : undefined,
    cause,
    postgres: known,
  });
}

interface Found {
  readonly relation: Relation;
  /** What the contract promises. */
  readonly key: readonly string[];
}

async function find(tx: Transaction, project: OpenProject, name: string): Promise<Found> {
  const { graph } = project;
  const node = graph.nodes.get(name as NodeName);
  if (node && node.kind !== 'test') {
    if (isEphemeral(graph, node.name))
      throw new MedallionError('MDL1004', {
        message: `${name} is ephemeral: it has no rows of its own.`,
        hint: 'See its SQL with: npx mdl compile',
      });
    return {
      relation: relationFinder(project, new Set()).published(node.name),
      key: node.kind === 'model' ? node.parsed.model.contract.primaryKey : [],
    };
  }
  const relation = await findInDatabase(tx, name);
  if (relation) return { relation, key: [] };
  return find(tx, project, resolve(project, name));
}

/** What SQL would find by this text; undefined where there is nothing, or where the text is no name. */
async function findInDatabase(tx: Transaction, name: string): Promise<Relation | undefined> {
  try {
    const [found] = await tx.savepoint(
      (inner) => inner<[Relation?]>`
        select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.oid = to_regclass(${name}) and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    );
    return found;
  } catch (cause) {
    // No name at all, or one of another database, or too many parts.
    if (['42602', '0A000', '42601'].includes(errorCode(cause) ?? '')) return undefined;
    throw cause;
  }
}

/** A model that is named without its layer. */
function resolve({ graph }: OpenProject, name: string): NodeName {
  try {
    return graph.resolve('ref', name);
  } catch (cause) {
    if (!(cause instanceof MedallionError) || cause.code !== 'MDL1301') throw cause;
    throw new MedallionError('MDL4311', {
      message: `There is no model, bronze table or other relation "${name}".`,
      hint: cause.hint,
    });
  }
}
