import type { DefinedDetail, DefinedNode } from '../../../build/definition.js';
import type { Sql } from '../../../database/connect.js';
import type { Relation } from '../../../database/identifiers.js';
import type { NodeStatus, TestResult } from '../../../events/events.js';

/** A node as it is defined, and what became of it in its latest run. */
export interface NodeRow {
  readonly name: string;
  readonly defined: DefinedNode;
  readonly schema: string | null;
  readonly table: string | null;
  readonly published_at: Date | null;
  readonly loaded_at: Date | null;
  readonly run_id: number | null;
  readonly status: NodeStatus | null;
  readonly finished_at: Date | null;
  readonly duration_ms: number | null;
  readonly rows: number | null;
  /** Of the tests of its latest run in which it was not left out. */
  readonly verdicts: readonly TestResult['status'][];
}

/** @param names null: all nodes */
export function readNodes(sql: Sql, project: string, names: readonly string[] | null): Promise<NodeRow[]> {
  return sql<NodeRow[]>`
    select d.node as name, d.definition -> 'node' as defined, r.schema_name as schema, r.table_name as table, r.published_at,
           l.finished_at as loaded_at, n.run_id, n.status, n.finished_at, n.duration_ms, n.rows,
           array(select t ->> 'status' from json_array_elements(coalesce(n.tests, earlier.tests)) t) as verdicts
      from medallion.definitions d
      left join medallion.relations r on r.project = d.project and r.node = d.node
      left join lateral (
             select n.run_id, n.status, n.finished_at, n.duration_ms, n.rows, case when n.status in ('succeeded', 'failed') then n.tests end as tests
               from medallion.run_nodes n join medallion.runs using (run_id)
              where n.node = d.node and project = d.project order by n.run_id desc limit 1) n on true
      left join lateral (
             select e.tests from medallion.run_nodes e join medallion.runs using (run_id)
              where n.tests is null and e.node = d.node and project = d.project and e.status in ('succeeded', 'failed') order by e.run_id desc limit 1) earlier on true
      left join lateral (
             select finished_at from medallion.loads
              where project = d.project and bronze_table = d.node and status in ('loaded', 'unchanged') order by load_id desc limit 1) l on true
     where d.project = ${project} ${names === null ? sql`` : sql`and d.node = any(${names as string[]})`}
     order by d.node`;
}

export async function readDetail(sql: Sql, project: string, name: string): Promise<DetailRow> {
  const [row] = await sql<DetailRow[]>`
    select definition -> 'detail' as detail, definition -> 'lineage' as lineage, definition -> 'passedOn' as "passedOn",
           r.proved -> 'not_null' as "notNull",
           array(select o.node from medallion.definitions o
                  where o.project = d.project and exists (select from json_array_elements_text(o.definition -> 'node' -> 'parents') p where p = d.node)
                  order by o.node) as children
      from medallion.definitions d left join medallion.relations r using (project, node)
     where project = ${project} and node = ${name}`;
  return row!;
}

export interface DetailRow {
  readonly detail: DefinedDetail;
  readonly lineage: Readonly<Record<string, readonly { readonly node: string; readonly column: string }[]>>;
  readonly passedOn: readonly string[];
  /** Columns without null, by contract and tests. */
  readonly notNull: readonly string[] | null;
  readonly children: readonly string[];
}

export interface RelationColumn {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
}

/** A published relation as the database has it; undefined: it is gone. */
export async function readRelation(
  sql: Sql,
  { schema, name }: Relation,
): Promise<{ readonly bytes: number | null; readonly columns: readonly RelationColumn[] } | undefined> {
  const [row] = await sql<{ bytes: number | null; columns: RelationColumn[] | null }[]>`
    select case when c.relkind <> 'v' then pg_total_relation_size(c.oid) end as bytes,
           (select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod), 'isNullable', not attnotnull) order by attnum)
              from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${schema} and c.relname = ${name}`;
  return row && { bytes: row.bytes, columns: row.columns ?? [] };
}

/** Tests of these nodes' latest runs in which they were not left out. */
export function readTests(
  sql: Sql,
  project: string,
  names: readonly string[],
): Promise<Pick<TestResult, 'title' | 'severity' | 'status' | 'failures'>[]> {
  return sql`
    select t ->> 'title' as title, t ->> 'severity' as severity, t ->> 'status' as status, (t ->> 'failures')::int8 as failures
      from unnest(${names as string[]}::text[]) w (node)
     cross join lateral (
             select n.tests from medallion.run_nodes n join medallion.runs using (run_id)
              where n.node = w.node and project = ${project} and n.status in ('succeeded', 'failed') order by n.run_id desc limit 1) n
     cross join lateral json_array_elements(n.tests) t`;
}

export interface PastRow {
  readonly run_id: number;
  readonly finished_at: Date;
  readonly status: NodeStatus;
  readonly duration_ms: number;
  readonly rows: number | null;
  readonly warned: boolean;
}

export function readPast(sql: Sql, project: string, name: string, limit: number): Promise<PastRow[]> {
  return sql<PastRow[]>`
    select n.run_id, n.finished_at, n.status, n.duration_ms, n.rows,
           exists (select from json_array_elements(n.tests) t where t ->> 'status' = 'warned') as warned
      from medallion.run_nodes n join medallion.runs using (run_id)
     where n.node = ${name} and project = ${project}
     order by n.run_id desc limit ${limit}`;
}

/** `LineageAnswer` as text: it may be large, and is only passed on. */
export async function readLineage(sql: Sql, project: string): Promise<string> {
  const [row] = await sql<{ lineage: string }[]>`
    select coalesce(json_object_agg(node, definition -> 'lineage' order by node), '{}')::text as lineage
      from medallion.definitions
     where project = ${project} and definition ->> 'lineage' <> '{}'`;
  return row!.lineage;
}
