import { quoteLiteral } from '../../database/identifiers.js';
import { didYouMean, MedallionError } from '../../errors/index.js';
import type { Reader } from './reader.js';
import type { Settings } from './settings.js';

export interface TableShape {
  readonly columns: readonly string[];
  /** Of the primary key, in its order; empty without one. */
  readonly key: readonly string[];
  /** As the planner's statistics have it; undefined where they do not know. */
  readonly rows: number | undefined;
}

/**
 * The tables, views and so on of the schema that this role may read; parts of partitioned tables and what belongs to extensions left out.
 * Catalog columns that are newer than Postgres 9.6 are looked up by name.
 */
export async function listTables(reader: Reader, { schema }: Settings): Promise<readonly string[]> {
  const rows = await reader.query<{ name: string }>(`
    select c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${quoteLiteral(schema)} and c.relkind in ('r', 'v', 'm', 'p', 'f')
       and coalesce((to_jsonb(c) ->> 'relispartition')::boolean, false) is false
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
       and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))
     order by 1`);
  return rows.map(({ name }) => name);
}

/**
 * What the catalog says of a table.
 * @throws MedallionError MDL3001 when there is none of that name, or it lacks a column that was asked for
 */
export async function describeTable(
  reader: Reader,
  settings: Settings,
  table: string,
  origin: string,
): Promise<TableShape> {
  const [found] = await reader.query<{ oid: string; rows: string; kind: string }>(`
    select c.oid::text as oid, c.reltuples::bigint::text as rows, c.relkind::text as kind
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${quoteLiteral(settings.schema)} and c.relname = ${quoteLiteral(table)} and c.relkind in ('r', 'v', 'm', 'p', 'f')`);
  if (!found)
    throw new MedallionError('MDL3001', {
      message: `${settings.shownAs} has no table "${table}" in the schema "${settings.schema}".`,
      hint: didYouMean(table, await listTables(reader, settings)),
    });
  const columns = await reader.query<{ name: string; place: number | null }>(`
    select a.attname as name, array_position(i.indkey::int2[], a.attnum) as place
      from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = ${found.oid} and a.attnum > 0 and not a.attisdropped order by a.attnum`);
  const names = columns.map(({ name }) => name);
  const wanted = settings.tables?.[table]?.columns;
  const unknown = wanted?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new MedallionError('MDL3001', {
      message: `${origin} has no column "${unknown}".`,
      hint: didYouMean(unknown, names),
    });
  if (names.length === 0)
    throw new MedallionError('MDL3003', {
      message: `${origin} has no columns.`,
      hint: 'Leave it out of bronze.',
    });
  const isCounted =
    ['r', 'm'].includes(found.kind) && Number(found.rows) > 0 && !settings.tables?.[table]?.where;
  return {
    columns: wanted ?? names,
    key: columns
      .filter(({ place }) => place !== null)
      .sort((a, b) => a.place! - b.place!)
      .map(({ name }) => name),
    rows: isCounted ? Number(found.rows) : undefined,
  };
}
