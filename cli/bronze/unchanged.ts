import { isDeepStrictEqual } from 'node:util';
import type { BronzeTable } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import { MedallionError } from '../errors/index.js';
import type { KnownTable, SourceContext } from '../sources/source.js';
import { keepsColumns, missingColumn } from './checks.js';
import { loadFingerprint } from './fingerprint.js';
import { type CatalogColumn, shapeOf } from './load-table.js';

/** A source that holds what its bronze table has. */
export interface UnchangedLoad {
  /** Of the source. */
  readonly rows: number;
  /** As in `KnownTable`. */
  readonly paths: readonly string[];
}

/** A bronze table whose last load ended well, as it stands now. */
interface Standing {
  readonly node: string;
  readonly fingerprint: unknown;
  readonly rows: number;
  readonly columns: readonly CatalogColumn[];
}

/**
 * Which loads would find their source unchanged: asked before anything is opened, with ONE statement for all tables. Nothing is changed but the cache of
 * what files hold. Expects the schema `medallion`, and loads without `--full`, `--since` and `--limit`.
 * @returns by node; a table that is not among them has to be loaded to know
 * @throws the signal's reason when aborted; what the database throws
 */
export async function unchangedLoads(
  sql: Sql,
  project: string,
  tables: readonly BronzeTable[],
  context: SourceContext,
): Promise<ReadonlyMap<string, UnchangedLoad>> {
  const standing = new Map((await standingTables(sql, project, tables)).map((table) => [table.node, table]));
  const unchanged = new Map<string, UnchangedLoad>();
  for (const table of tables) {
    const last = standing.get(table.node);
    if (!last) continue;
    const known = await ask(table, context);
    if (known && isUnchanged(table, last, known))
      unchanged.set(table.node, { rows: last.rows, paths: known.paths });
  }
  return unchanged;
}

function isUnchanged(table: BronzeTable, last: Standing, known: KnownTable): boolean {
  const { columns, problem } = shapeOf(last.columns);
  return (
    problem === undefined &&
    keepsColumns(table.strategy, columns, known.columns) &&
    missingColumn(table, known.columns) === undefined &&
    isDeepStrictEqual(last.fingerprint, loadFingerprint(table, known.fingerprint))
  );
}

/** What is wrong with a source is told by its load. */
async function ask(table: BronzeTable, context: SourceContext): Promise<KnownTable | undefined> {
  try {
    return await table.source.known?.(table.sourceTable, context);
  } catch (cause) {
    if (cause instanceof MedallionError) return undefined;
    throw cause;
  }
}

function standingTables(
  sql: Sql,
  project: string,
  tables: readonly BronzeTable[],
): Promise<readonly Standing[]> {
  const places = tables.map(({ node, relation: { schema, name } }) => ({ node, schema, name }));
  return sql<Standing[]>`
    select t.node, l.fingerprint, l.rows, a.columns
      from jsonb_to_recordset(${sql.json(places)}) as t (node text, schema text, name text)
      join medallion.relations r on r.project = ${project} and r.node = t.node and r.schema_name = t.schema and r.table_name = t.name
      join pg_namespace n on n.nspname = t.schema
      join pg_class c on c.relnamespace = n.oid and c.relname = t.name
      join lateral (
             select fingerprint, read - rejected as rows from medallion.loads
              where project = ${project} and bronze_table = t.node and status in ('loaded', 'unchanged')
              order by load_id desc limit 1) l on l.fingerprint is not null
     cross join lateral (
             select jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, null)) order by attnum) as columns
               from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) a
     where a.columns is not null`;
}
