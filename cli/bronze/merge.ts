import type { Transaction } from '../database/connect.js';
import { quoteIdentifier, quoteLiteral, quoteRelation, type Relation } from '../database/identifiers.js';
import type { RowCounts } from '../events/events.js';
import { orderColumns } from './load-table.js';

export interface MergeOptions {
  readonly loadId: number;
  readonly load: Relation;
  readonly bronze: Relation;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly processId: string;
  /** Bronze has `row_deleted_at`: a row that comes back is no longer marked. */
  readonly marksDeleted: boolean;
}

const { batch, line } = orderColumns;

/**
 * Takes records without a key out of a load table.
 * @returns how many, by batch; the rows themselves go to `medallion.rejected_rows`
 */
export async function rejectKeyless(
  tx: Transaction,
  options: MergeOptions & { node: string; origin: string },
): Promise<number> {
  const { load, key, columns, loadId } = options;
  const keyless = key.map((column) => `${quoteIdentifier(column)} is null`).join(' or ');
  // One statement for what is in bronze's place and one for the bookkeeping: on a Citus cluster they are on different nodes.
  const counted = await tx.unsafe<{ batch: number; rows: number }[]>(
    `select ${batch} as batch, count(*)::int as rows from ${quoteRelation(load)} where ${keyless} group by 1`,
  );
  if (counted.length === 0) return 0;
  await tx.unsafe(
    `insert into medallion.rejected_rows (load_id, bronze_table, source, line, reason, raw)
     select $1::int8, $2, $3, null, $4, left((${asJson(columns)})::text, 10000) from ${quoteRelation(load)} where ${keyless}`,
    [loadId, options.node, options.origin, `the key (${key.join(', ')}) is empty`],
  );
  await tx`
    update medallion.load_batches b set rejected = b.rejected + c.rows
      from jsonb_to_recordset(${tx.json(counted as never)}) as c (batch int4, rows int4)
     where b.load_id = ${loadId} and b.batch = c.batch`;
  const { count } = await tx.unsafe(`delete from ${quoteRelation(load)} where ${keyless}`);
  await tx`update medallion.loads set rejected = rejected + ${count} where load_id = ${loadId}`;
  return count;
}

/**
 * Brings a load into bronze by key: new rows are inserted, changed ones updated with a higher version, and equal ones are not touched. The last record of a key
 * counts; earlier ones change nothing and count as unchanged.
 * @returns what happened to the records, and how many were superseded by a later one of the same key
 */
export async function mergeLoad(
  tx: Transaction,
  options: MergeOptions,
): Promise<Pick<RowCounts, 'inserted' | 'updated' | 'unchanged'> & { superseded: number }> {
  const { load, bronze, columns, key, loadId, processId } = options;
  const same = key
    .map((column) => `b.${quoteIdentifier(column)} = l.${quoteIdentifier(column)}`)
    .join(' and ');
  const keys = key.map(quoteIdentifier).join(', ');
  const list = columns.map(quoteIdentifier);
  const compared = columns.filter((column) => !key.includes(column)).map(quoteIdentifier);
  const isOther =
    compared.length === 0
      ? 'false'
      : `(${compared.map((column) => `b.${column}`).join(', ')}) is distinct from (${compared.map((column) => `l.${column}`).join(', ')})`;
  const differs = options.marksDeleted ? `(${isOther} or b.row_deleted_at is not null)` : isOther;
  const revived = options.marksDeleted ? ['row_deleted_at = null'] : [];
  await tx.unsafe(`
    create temporary table mdl_changes on commit drop as
    select l.${line}, l.${batch}, ${key.length > 0 ? `b.${quoteIdentifier(key[0]!)} is not null` : 'false'} as is_known
      from (select distinct on (${keys}) * from ${quoteRelation(load)} order by ${keys}, ${line} desc) l
      left join ${quoteRelation(bronze)} b on ${same}
     where b.${quoteIdentifier(key[0]!)} is null or ${differs};
    analyze mdl_changes`);
  await tx.unsafe(
    `
    update ${quoteRelation(bronze)} b
       set ${[...compared.map((column) => `${column} = l.${column}`), 'load_timestamp = now()', 'process_id = $1', 'row_version = b.row_version + 1', ...revived].join(', ')}
      from ${quoteRelation(load)} l
      join mdl_changes c on c.${line} = l.${line} and c.is_known
     where ${same}`,
    [processId],
  );
  await tx.unsafe(
    `
    insert into ${quoteRelation(bronze)} (${list.join(', ')}, load_timestamp, process_id, row_version)
    select ${list.map((column) => `l.${column}`).join(', ')}, now(), $1, 1
      from ${quoteRelation(load)} l
      join mdl_changes c on c.${line} = l.${line} and not c.is_known
     order by l.${line}`,
    [processId],
  );
  const [counts] = await tx.unsafe<{ inserted: number; updated: number }[]>(
    `
    with changed as (
      select ${batch} as batch, count(*) filter (where not is_known)::int as inserted, count(*) filter (where is_known)::int as updated
        from mdl_changes group by 1
    ), recorded as (
      update medallion.load_batches b
         set inserted = coalesce(c.inserted, 0), updated = coalesce(c.updated, 0),
             unchanged = b.read - b.rejected - coalesce(c.inserted, 0) - coalesce(c.updated, 0)
        from medallion.load_batches o left join changed c on c.batch = o.batch
       where o.load_id = $1::int8 and b.load_id = o.load_id and b.batch = o.batch
    )
    select coalesce(sum(inserted), 0)::int8 as inserted, coalesce(sum(updated), 0)::int8 as updated from changed`,
    [loadId],
  );
  const [loaded] = await tx.unsafe<{ rows: number; keys: number }[]>(
    `select coalesce(sum(k.rows), 0)::int8 as rows, count(*) as keys from (select count(*) as rows from ${quoteRelation(load)} group by ${keys}) k`,
  );
  const { inserted, updated } = counts!;
  const { rows, keys: distinct } = loaded!;
  return { inserted, updated, unchanged: rows - inserted - updated, superseded: rows - distinct };
}

/** Columns of a record as one object. A function of Postgres takes 100 arguments at most. */
function asJson(columns: readonly string[]): string {
  const objects: string[] = [];
  for (let i = 0; i < columns.length; i += 50) {
    const fields = columns
      .slice(i, i + 50)
      .map((column) => `${quoteLiteral(column)}, ${quoteIdentifier(column)}`);
    objects.push(`jsonb_build_object(${fields.join(', ')})`);
  }
  return objects.join(' || ');
}
