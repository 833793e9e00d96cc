import type { BronzeTable } from '../config/options.js';
import type { Transaction } from '../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import { errorCode, postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import type { RowCounts } from '../events/events.js';
import { addOwned } from '../publish/owned.js';
import type { LoadContext } from './context.js';

/**
 * A bronze table that was changed in place has a new data version, if rows really changed.
 * @returns whether they did
 */
export async function raiseDataVersion(
  tx: Transaction,
  context: LoadContext,
  node: string,
  counts: RowCounts,
): Promise<boolean> {
  if (counts.inserted + counts.updated + (counts.deleted ?? 0) === 0) return false;
  await tx`
    update medallion.relations set data_version = data_version + 1, published_at = now(), run_id = ${context.runId}
     where project = ${context.project} and node = ${node}`;
  return true;
}

/** Columns that the source has got since the last load. */
export async function addColumns(
  context: LoadContext,
  { node, relation }: Pick<BronzeTable, 'node' | 'relation'>,
  columns: readonly string[],
): Promise<void> {
  const clauses = columns.map((column) => `add column ${quoteIdentifier(column)} text`);
  await context.publish([], async (tx) => {
    await tx.unsafe(`alter table ${quoteRelation(relation)} ${clauses.join(', ')}`);
    await addOwned(tx, { project: context.project, node }, 'columns', columns);
    // What reads every column reads another table now.
    await tx`update medallion.relations set data_version = data_version + 1 where project = ${context.project} and node = ${node}`;
  });
}

/**
 * A key needs a unique index in bronze; made when the key was configured after the table.
 * @throws MedallionError MDL3007 when rows that are there already repeat the key
 */
export async function ensureKeyIndex(
  { sql, project }: Pick<LoadContext, 'sql' | 'project'>,
  { node, relation, key }: Pick<BronzeTable, 'node' | 'relation' | 'key'>,
): Promise<void> {
  const [found] = await sql`
    select from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${relation.schema} and c.relname = ${relation.name} and i.indisunique and i.indpred is null and i.indnkeyatts = ${key.length}
       and (select jsonb_agg(a.attname order by a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(i.indkey::int2[]))
           = ${sql.json([...key].sort())}`;
  if (found) return;
  try {
    await sql.begin(async (tx) => {
      const before = await indexNames(tx, relation);
      await tx.unsafe(keyIndexSql(relation, key));
      const made = (await indexNames(tx, relation)).filter((name) => !before.includes(name));
      await addOwned(tx, { project, node }, 'indexes', made);
    });
  } catch (cause) {
    if (errorCode(cause) !== '23505') throw cause;
    throw new MedallionError('MDL3007', {
      message: `${quoteRelation(relation)} already holds rows that repeat the key (${key.join(', ')}), so it cannot be loaded with upsert.`,
      hint: `Load it once with load: 'replace', or drop it: drop table ${quoteRelation(relation)};`,
      cause,
      postgres: postgresError(cause),
    });
  }
}

async function indexNames(tx: Transaction, { schema, name }: Relation): Promise<readonly string[]> {
  const rows = await tx<{ indexname: string }[]>`
    select indexname from pg_indexes where schemaname = ${schema} and tablename = ${name}`;
  return rows.map(({ indexname }) => indexname);
}

export function keyIndexSql(relation: Relation, key: readonly string[]): string {
  return `create unique index on ${quoteRelation(relation)} (${key.map(quoteIdentifier).join(', ')})`;
}
