import type { Sql } from '../../database/connect.js';
import type { Relation } from '../../database/identifiers.js';
import { shapeSql } from '../../publish/shape-sql.js';
import { findSchemasMarked, stageComment } from '../marked-schemas.js';

/** A relation that a plan replaces or reads, as it was when the plan was made. */
export interface Basis extends Relation {
  readonly node: string;
  /** Its data version; null: mdl knows nothing of it. */
  readonly version: number | null;
  /** What it is made from, as a hash. */
  readonly inputs: string | null;
  /** The relation in the catalog, as a hash; null: there is none. */
  readonly shape: string | null;
}

/** A table, view or materialized view in the stage. */
export interface StagedRelation extends Relation {
  readonly oid: number;
}

/** Reads what nodes are now, where they are: of an environment, what it only reads too. One query, whatever their number. */
export async function readBasis(
  sql: Sql,
  places: readonly (Relation & { readonly node: string })[],
): Promise<readonly Basis[]> {
  return sql.begin('read only', async (tx) => {
    // A view's query is to name all in full.
    await tx.unsafe(`set local search_path = ''`);
    const rows = await tx.unsafe<Basis[]>(
      `select p.node, p.schema, p.name, r.data_version as version, pg_catalog.md5(r.inputs::text) as inputs,
              case when c.oid is not null then (${shapeSql('c', 'r.owned')}) end as shape
         from pg_catalog.json_to_recordset($1::text::json) as p (node text, schema text, name text)
         left join medallion.relations r on r.node = p.node and r.schema_name = p.schema and r.table_name = p.name
         left join (pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace)
           on n.nspname = p.schema and c.relname = p.name
        order by p.node`,
      [JSON.stringify(places.map(({ node, schema, name }) => ({ node, schema, name })))],
    );
    return rows.map((row) => ({ ...row }));
  });
}

/** What has moved since, in words: one sentence for each relation. */
export function whatMoved(before: readonly Basis[], now: readonly Basis[]): readonly string[] {
  const found = new Map(now.map((basis) => [basis.node, basis]));
  return before.flatMap((was) => {
    const is = found.get(was.node);
    if (!is) return [`${was.node} is gone`];
    if (was.version !== is.version) return [`${was.node} has other rows`];
    if (was.shape !== is.shape)
      return [
        is.shape === null
          ? `${was.node} was dropped`
          : was.shape === null
            ? `${was.schema}.${was.name} was made by others`
            : `${was.node} was altered by others`,
      ];
    return was.inputs === is.inputs ? [] : [`${was.node} was built again`];
  });
}

/** The relations that are in a project's stage. */
export async function readStage(sql: Sql, project: string): Promise<readonly StagedRelation[]> {
  const schemas = await findSchemasMarked(sql, stageComment(project));
  if (schemas.length === 0) return [];
  const rows = await sql<StagedRelation[]>`
    select n.nspname as schema, c.relname as name, c.oid::int8 as oid
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ${sql([...schemas])} and c.relkind in ('r', 'v', 'm') order by 1, 2`;
  return rows.map((row) => ({ ...row }));
}

/** What is not in the stage any more as it was, in words. */
export function whatLeftStage(
  before: readonly StagedRelation[],
  now: readonly StagedRelation[],
): readonly string[] {
  const found = new Set(now.map(({ oid }) => oid));
  return before
    .filter(({ oid }) => !found.has(oid))
    .map(({ schema, name }) => `the staged relation ${schema}.${name} is gone`);
}
