import type { Sql } from '../../database/connect.js';
import type { Relation } from '../../database/identifiers.js';
import { postgresError } from '../../database/postgres-error.js';
import { databaseTrouble } from '../../database/trouble.js';
import { MedallionError } from '../../errors/index.js';
import { hasRelation } from '../../graph/compile.js';
import type { LoadNode, ModelNode } from '../../graph/node.js';
import type { NodeName } from '../../project/model.js';
import { toMedallionError } from '../errors.js';
import { openDatabase } from '../open-database.js';
import type { OpenProject } from '../open-project.js';
import { relationFinder } from '../relation-finder.js';
import { diffRelations } from './diff-relations.js';
import { readShape } from './shape.js';
import { notCompared, type Summary, summarizeDiff, summarizeNew } from './summarize.js';

/** How what one target has published differs from what another has. */
export interface EnvironmentDiff {
  /** Names of the targets. */
  readonly a: string;
  readonly b: string;
  /** In every relation that the two do not share: shape and rows. */
  readonly isEqual: boolean;
  /** Those that each has for itself, parents first. */
  readonly models: readonly ComparedModel[];
  /** Relations that both read in the same place. */
  readonly shared: number;
}

export interface ComparedModel extends Summary {
  readonly node: NodeName;
  readonly materialized: string;
  /** Why one of the targets has a relation of its own: `sql changed`. */
  readonly why: string | undefined;
  /** What has published nothing of it. */
  readonly missing: 'a' | 'b' | 'both' | undefined;
  readonly isEqual: boolean;
}

export interface EnvironmentDiffOptions {
  /** Columns that do not count, wherever they are. */
  readonly excludeColumns?: readonly string[] | undefined;
  /** Samples of each column, at most. */
  readonly limit: number;
}

/** A target, resolved. */
export interface ComparedTarget {
  readonly name: string;
  readonly project: OpenProject;
}

/** How a bronze table came about, which says nothing of what is in it. */
const loadColumns = ['load_timestamp', 'process_id', 'row_version'];

/**
 * Compares two targets of a project as they are published, relation by relation, each as of one moment; nothing is written. Where one cannot be compared, it says why
 * and the others are.
 * @throws MedallionError MDL1004 (two databases), and those of reaching the database
 */
export async function diffEnvironments(
  { name: nameA, project: a }: ComparedTarget,
  { name: nameB, project: b }: ComparedTarget,
  options: EnvironmentDiffOptions,
): Promise<EnvironmentDiff> {
  if (a.options.database !== b.options.database)
    throw new MedallionError('MDL1004', {
      message: `${nameA} and ${nameB} are in different databases; relations are compared where they are.`,
    });
  const [inA, inB] = [relationFinder(a, new Set()), relationFinder(b, new Set())];
  const nodes = b.graph.order
    .filter((name) => hasRelation(b.graph, name))
    .map((name) => b.graph.nodes.get(name) as LoadNode | ModelNode);
  const apart = nodes.filter(({ name }) => !isSame(inA.published(name), inB.published(name)));
  const database = await openDatabase(b.options);
  try {
    const { statementTimeout } = b.options;
    const sql = database.connect({ max: 1, applicationName: 'mdl', statementTimeout });
    const models: ComparedModel[] = [];
    for (const node of apart) {
      const sides = [inA.published(node.name), inB.published(node.name)] as const;
      const why = b.environment?.own?.get(node.name) ?? a.environment?.own?.get(node.name);
      const materialized = node.kind === 'load' ? 'bronze' : node.parsed.model.materialized;
      models.push({ node: node.name, materialized, why, ...(await compare(sql, node, sides, options)) });
    }
    const isEqual = models.every((model) => model.isEqual);
    return { a: nameA, b: nameB, isEqual, models, shared: nodes.length - apart.length };
  } finally {
    await database.close();
  }
}

function isSame(one: Relation, other: Relation): boolean {
  return one.schema === other.schema && one.name === other.name;
}

type Compared = Summary & Pick<ComparedModel, 'missing' | 'isEqual'>;

/** One transaction for each relation: what is compared later must not hold up a publish of what was compared before. */
async function compare(
  sql: Sql,
  node: LoadNode | ModelNode,
  [a, b]: readonly [Relation, Relation],
  { excludeColumns = [], limit }: EnvironmentDiffOptions,
): Promise<Compared> {
  try {
    return await sql.begin('isolation level repeatable read read only', async (tx): Promise<Compared> => {
      const [shapeA, shapeB] = [await readShape(tx, a), await readShape(tx, b)];
      const key = node.kind === 'load' ? node.table.key : node.parsed.model.contract.primaryKey;
      if (!shapeA || !shapeB) {
        const there = shapeA ? a : b;
        const missing = shapeA ? 'b' : shapeB ? 'a' : 'both';
        const summary = missing === 'a' ? await summarizeNew(tx, there, key) : nothing;
        return { ...summary, missing, isEqual: missing === 'both' };
      }
      const names = [...shapeA.columns, ...shapeB.columns].map(({ name }) => name);
      const left = [...excludeColumns, ...(node.kind === 'load' ? loadColumns : [])];
      const diff = await diffRelations(tx, a, b, {
        ...{ knownKeys: [key], limit },
        excludeColumns: left.filter((name) => names.includes(name)),
      });
      return { ...summarizeDiff(diff), missing: undefined, isEqual: diff.isEqual };
    });
  } catch (cause) {
    // A key that is none, a view that fails: it is no reason not to see the rest.
    if (!(cause instanceof MedallionError) && (!postgresError(cause) || databaseTrouble(cause, '')))
      throw cause;
    return { ...notCompared(toMedallionError(cause).message), missing: undefined, isEqual: false };
  }
}

const nothing: Summary = { schema: [], rows: null, key: null, columns: [] };
