import type { Queryable, Sql } from '../database/connect.js';
import type { Relation } from '../database/identifiers.js';
import type { Definition } from './definition.js';

/** A definition that is to be written. */
export interface DefinitionRow {
  readonly node: string;
  readonly hash: string;
  readonly definition: Definition;
}

/** What is recorded of a node, and whether readers see a relation of it. */
export interface RecordedNode {
  readonly node: string;
  readonly hash: string | null;
  readonly isPublished: boolean;
}

export function readRecorded(sql: Sql, project: string): Promise<RecordedNode[]> {
  return sql<RecordedNode[]>`
    select node, d.hash, r.node is not null as "isPublished"
      from (select node, hash from medallion.definitions where project = ${project}) d
      full join (select node from medallion.relations where project = ${project}) r using (node)`;
}

export interface RealColumn {
  readonly name: string;
  readonly type: string;
}

/** The columns of relations as they are now, by node; one that does not exist is left out. */
export async function readColumns(
  sql: Sql,
  relations: readonly (Relation & { readonly node: string })[],
): Promise<ReadonlyMap<string, readonly RealColumn[]>> {
  const rows = await sql<{ node: string; columns: readonly RealColumn[] }[]>`
    select w.node, a.columns
      from json_to_recordset(${JSON.stringify(relations)}::text::json) as w (node text, schema text, name text)
      join pg_namespace n on n.nspname = w.schema
      join pg_class c on c.relnamespace = n.oid and c.relname = w.name
     cross join lateral (
             select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum) as columns
               from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) a
     where a.columns is not null`;
  return new Map(rows.map(({ node, columns }) => [node, columns]));
}

export async function writeDefinitions(
  sql: Queryable,
  project: string,
  runId: number,
  rows: readonly DefinitionRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into medallion.definitions (project, node, hash, definition, run_id)
    select ${project}, n.node, n.hash, n.definition, ${runId}
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as n (node text, hash text, definition json)
    on conflict (project, node) do update
       set hash = excluded.hash, definition = excluded.definition, run_id = excluded.run_id, defined_at = now()`;
}

export async function forgetDefinitions(
  sql: Queryable,
  project: string,
  nodes: readonly string[],
): Promise<void> {
  if (nodes.length === 0) return;
  await sql`delete from medallion.definitions where project = ${project} and node = any(${nodes as string[]})`;
}
