import { distributeSql, type Placement } from '../database/citus.js';
import type { Sql } from '../database/connect.js';
import { quoteIdentifier, quoteLiteral, quoteRelation, type Relation } from '../database/identifiers.js';
import { bookkeepingColumns } from '../sources/source.js';

/** The schema in which loads of a project are filled, batch by batch, before they are applied to bronze. */
export function loadSchema(project: string): string {
  return `mdl_load_${project}`;
}

export function loadSchemaComment(project: string): string {
  return `medallion:load:${project}`;
}

/** Where records of an upsert stand in their load: the last one of a key counts. */
export const orderColumns = { batch: 'mdl_batch', line: 'mdl_line' } as const;

/** The columns of a bronze table, as DDL: the source's as text, then Medallion's own. */
function bronzeColumns(columns: readonly string[], processId: string | undefined): string[] {
  return [
    ...columns.map((column) => `${quoteIdentifier(column)} text`),
    'load_timestamp timestamptz default now()',
    // A constant default: COPY names the source's columns only. It is dropped before the table is published.
    `process_id text${processId === undefined ? '' : ` default ${quoteLiteral(processId)}`}`,
    'row_version integer default 1',
  ];
}

export function emptyBronzeSql(relation: Relation, columns: readonly string[]): string {
  return `create table ${quoteRelation(relation)} (${bronzeColumns(columns, undefined).join(', ')})`;
}

export interface LoadTableOptions {
  readonly relation: Relation;
  readonly columns: readonly string[];
  readonly processId: string;
  /** `upsert` loads remember the order of their records. */
  readonly forUpsert: boolean;
  /** Over the nodes of a Citus cluster; undefined: it stays on this one. */
  readonly placement: Placement | undefined;
}

/** Makes an empty load table; one of the same name that a load before left behind is dropped. */
export async function createLoadTable(sql: Sql, options: LoadTableOptions): Promise<void> {
  const { relation, columns, processId, forUpsert, placement } = options;
  const order = forUpsert
    ? [`${orderColumns.batch} integer default 0`, `${orderColumns.line} bigint generated always as identity`]
    : [];
  await sql.begin(async (tx) => {
    await tx.unsafe(`
      drop table if exists ${quoteRelation(relation)};
      create table ${quoteRelation(relation)} (
        ${[...bronzeColumns(columns, processId), ...order].join(',\n        ')}
      ) with (autovacuum_enabled = false);
      ${placement ? distributeSql(relation, placement) : ''}`);
  });
}

/** A load table that an interrupted load has left is filled further, by this run. */
export async function goOnFilling(sql: Sql, relation: Relation, processId: string): Promise<void> {
  await sql.unsafe(
    `alter table ${quoteRelation(relation)} alter column process_id set default ${quoteLiteral(processId)}`,
  );
}

export interface BronzeState {
  /** The source columns of the published bronze table; null when there is none. */
  readonly columns: readonly string[] | null;
  /** Set when a relation of that name does not have the shape of a bronze table. */
  readonly problem: string | undefined;
  readonly isOurs: boolean;
  /** It has `row_deleted_at`. */
  readonly marksDeleted: boolean;
}

/** What stands in the place of a bronze table now. */
export async function readBronzeState(
  sql: Sql,
  project: string,
  node: string,
  relation: Relation,
): Promise<BronzeState> {
  const columns = await sql<CatalogColumn[]>`
    select a.attname as name, format_type(a.atttypid, null) as type
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${relation.schema} and c.relname = ${relation.name} and a.attnum > 0 and not a.attisdropped
     order by a.attnum`;
  if (columns.length === 0) return { columns: null, problem: undefined, isOurs: true, marksDeleted: false };
  const [ours] = await sql`
    select from medallion.relations
     where project = ${project} and node = ${node} and schema_name = ${relation.schema} and table_name = ${relation.name}`;
  return { ...shapeOf(columns), isOurs: ours !== undefined };
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
}

/** What columns tell of a bronze table, and why they are not those of one. */
export function shapeOf(columns: readonly CatalogColumn[]) {
  const own = new Set<string>(bookkeepingColumns);
  const missing = bookkeepingColumns.find(
    (name) => name !== 'row_deleted_at' && !columns.some((column) => column.name === name),
  );
  const typed = columns.find((column) => !own.has(column.name) && column.type !== 'text');
  const problem = missing
    ? `it lacks the column ${missing}`
    : typed
      ? `its column "${typed.name}" is ${typed.type}, not text`
      : undefined;
  return {
    columns: columns.map((column) => column.name).filter((name) => !own.has(name)),
    problem,
    marksDeleted: columns.some((column) => column.name === 'row_deleted_at'),
  };
}

/** Statistics from a small sample: what planning the models on top needs, in a fraction of the time. */
export async function analyzeBriefly(sql: Sql, relation: Relation): Promise<void> {
  await sql.begin((tx) =>
    tx.unsafe(`set local default_statistics_target = 10; analyze ${quoteRelation(relation)}`),
  );
}
