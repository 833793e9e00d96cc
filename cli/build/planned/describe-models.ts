import type { Queryable, Sql } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';
import { errorCode } from '../../database/postgres-error.js';
import type { PlannedModel } from '../../events/planned.js';
import { diffRelations, type RelationDiff } from '../diff/index.js';
import { toMedallionError } from '../errors.js';
import type { NodeContext } from '../nodes/context.js';
import type { Publication } from '../publication.js';
import type { DecidedMove } from '../publish-moves.js';
import type { StagedModel } from '../staged.js';
import { reachOf } from './reach.js';
import { schemaWords } from './schema-words.js';

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
        return { ...notCompared, uncompared: toMedallionError(cause).message };
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

type Compared = Pick<PlannedModel, 'schema' | 'rows' | 'key' | 'columns'>;

/** Holds what is staged against what readers see, both as they are at one moment. */
async function compare(
  sql: Sql,
  { move }: DecidedMove,
  isNew: boolean,
  primaryKey: readonly string[],
  limit: number,
): Promise<Compared> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    if (isNew) {
      const after = await countRows(tx, move.from);
      const rows = { before: 0, after, added: after, removed: 0, changed: 0 };
      return { schema: [], rows, key: primaryKey.length > 0 ? primaryKey : null, columns: [] };
    }
    const knownKeys = primaryKey.length > 0 ? [primaryKey] : [];
    const compared = describeDiff(await diffRelations(tx, move.to, move.from, { knownKeys, limit }));
    // What is written into stays what it is; the stage may only show it, as a view without keys.
    return move.delta ? { ...compared, schema: [] } : compared;
  });
}

function describeDiff({ schema, rows, key, columns }: RelationDiff): Compared {
  return {
    schema: schema.map(schemaWords),
    rows: {
      ...{ before: rows.a, after: rows.b, added: rows.onlyB, removed: rows.onlyA },
      changed: key === null ? null : rows.changed,
    },
    key,
    columns: columns.map(({ name, rows: count, samples }) => ({
      ...{ name, rows: count },
      samples: samples.map(({ key: values, a, b }) => ({ key: values, before: a, after: b })),
    })),
  };
}

const notCompared: Compared = { schema: [], rows: null, key: null, columns: [] };

async function countRows(sql: Queryable, relation: Relation): Promise<number> {
  const [row] = await sql.unsafe<[{ rows: number }]>(
    `select count(*) as rows from ${quoteRelation(relation)}`,
  );
  return row.rows;
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
