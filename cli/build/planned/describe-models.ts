import type { Sql } from '../../database/connect.js';
import { errorCode } from '../../database/postgres-error.js';
import type { PlannedModel } from '../../events/planned.js';
import { diffRelations, notCompared, type Summary, summarizeDiff, summarizeNew } from '../diff/index.js';
import { toMedallionError } from '../errors.js';
import type { NodeContext } from '../nodes/context.js';
import type { Publication } from '../publication.js';
import type { DecidedMove } from '../publish-moves.js';
import type { StagedModel } from '../staged.js';
import { reachOf } from './reach.js';

type Context = Pick<NodeContext, 'session' | 'relations' | 'audit' | 'signal'>;

/**
 * What publishing would do to each model, in the order in which data flows; models of which readers would notice nothing are left out.
 * @param samples changed rows of each column, at most
 */
export async function describeModels(
  { session, audit, signal }: Context,
  models: readonly StagedModel[],
  { moves, kept }: Pick<Publication, 'moves' | 'kept'>,
  samples: number,
): Promise<readonly PlannedModel[]> {
  const { project, side } = session;
  const published = await readPublished(side, project.options.name);
  const described: PlannedModel[] = [];
  for (const { node } of models) {
    const decided = moves.find(({ move }) => move.node === node.name);
    const charts = kept.find((one) => one.node === node.name)?.charts;
    if (!decided && JSON.stringify(charts) === published.get(node.name)) continue;
    const { model } = node.parsed;
    const common = {
      ...{ node: node.name, materialized: model.materialized, isNew: !published.has(node.name) },
      reaches: reachOf(project, node),
    };
    if (!decided) described.push({ ...common, ...unchanged });
    else {
      const compared = await compare(
        audit.sql,
        decided,
        common.isNew,
        model.contract.primaryKey,
        samples,
      ).catch((cause: unknown) => {
        if (signal.aborted || errorCode(cause) === '57014') throw cause;
        return notCompared(toMedallionError(cause).message);
      });
      const { move, why } = decided;
      described.push({ ...common, how: move.delta ? 'delta' : 'swap', why, ...compared });
    }
  }
  return described;
}

/** Its rows are those that are published. */
const unchanged = {
  ...{ how: 'same' as const, why: 'its charts changed' },
  ...{ schema: [], rows: null, key: null, columns: [] },
};

/** Holds what is staged against what readers see, both as they are at one moment. */
async function compare(
  sql: Sql,
  { move }: DecidedMove,
  isNew: boolean,
  primaryKey: readonly string[],
  limit: number,
): Promise<Summary> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    if (isNew) return summarizeNew(tx, move.from, primaryKey);
    const knownKeys = primaryKey.length > 0 ? [primaryKey] : [];
    const described = summarizeDiff(await diffRelations(tx, move.to, move.from, { knownKeys, limit }));
    // Where rows are written, the relation stays as it is: what is staged may be a view of what it will hold.
    return move.delta ? { ...described, schema: [] } : described;
  });
}

/** Which nodes readers see, with their charts as text. */
async function readPublished(sql: Sql, project: string): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ node: string; charts: unknown }[]>`
    select r.node, r.charts
      from medallion.relations r
      join pg_namespace n on n.nspname = r.schema_name
      join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
     where r.project = ${project}`;
  return new Map(rows.map(({ node, charts }) => [node, JSON.stringify(charts)]));
}
