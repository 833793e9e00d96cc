import type { BronzeTable } from '../config/options.js';
import type { Transaction } from '../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import { errorCode, postgresError } from '../database/postgres-error.js';
import { endVacuums } from '../database/vacuums.js';
import { MedallionError } from '../errors/index.js';
import type { RowCounts } from '../events/events.js';
import { addOwned } from '../publish/owned.js';
import type { FilledLoad, LoadContext } from './context.js';

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
  await nextDataVersion(tx, context, node);
  return true;
}

/** Readers see something else now, of rows or of columns. */
async function nextDataVersion(
  tx: Transaction,
  { project, runId }: LoadContext,
  node: string,
): Promise<void> {
  await tx`
    update medallion.relations set data_version = data_version + 1, published_at = now(), run_id = ${runId}
     where project = ${project} and node = ${node}`;
}

/**
 * Adds the columns that the source has got since the last load, in a transaction of its own: it locks readers out, and what follows may take long.
 * To be called when nothing is left that could refuse the load's rows.
 */
export async function addColumns(
  context: LoadContext,
  { table, source, state }: Pick<FilledLoad, 'table' | 'source' | 'state'>,
): Promise<void> {
  const { node, relation } = table;
  const fresh = source.columns.filter((column) => !state.columns!.includes(column));
  if (fresh.length === 0) return;
  const clauses = fresh.map((column) => `add column ${quoteIdentifier(column)} text`);
  await context.publish([], async (tx) => {
    const name = quoteRelation(relation);
    await tx.unsafe(`${endVacuums([name], 10)}; alter table ${name} ${clauses.join(', ')}`);
    await addOwned(tx, { project: context.project, node }, 'columns', fresh);
    await nextDataVersion(tx, context, node);
  });
}

/**
 * A key needs a unique index in bronze; made when the key was configured after the table. Those of a key before it go.
 * @throws MedallionError MDL3007 when rows that are there already repeat the key; as `dropKeyIndexes`
 */
export async function ensureKeyIndex(
  context: Pick<LoadContext, 'sql' | 'project' | 'publish'>,
  { node, relation, key }: Pick<BronzeTable, 'node' | 'relation' | 'key'>,
): Promise<void> {
  const { sql, project } = context;
  const [found] = await sql`
    select from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${relation.schema} and c.relname = ${relation.name} and i.indisunique and i.indpred is null and i.indnkeyatts = ${key.length}
       and (select jsonb_agg(a.attname order by a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(i.indkey::int2[]))
           = ${sql.json([...key].sort())}`;
  if (found) return dropKeyIndexes(context, { node, relation, key });
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
  await dropKeyIndexes(context, { node, relation, key });
}

/**
 * Drops the unique indexes that loads by another key have made: they would refuse rows that this key tells apart. Others' indexes stay, and ours that something of
 * others rests on. Readers are not kept waiting: it is tried until they leave a moment free.
 * @param table without a key: none is needed any more
 * @throws MedallionError MDL4303 when readers hold their locks too long
 */
export async function dropKeyIndexes(
  { sql, project, publish }: Pick<LoadContext, 'sql' | 'project' | 'publish'>,
  { node, relation, key }: Pick<BronzeTable, 'node' | 'relation' | 'key'>,
): Promise<void> {
  const old = await sql<{ name: string }[]>`
    select x.relname as name
      from medallion.relations r
      join pg_namespace n on n.nspname = r.schema_name
      join pg_class c on c.relnamespace = n.oid and c.relname = r.table_name
      join pg_index i on i.indrelid = c.oid and i.indisunique and not i.indisreplident
      join pg_class x on x.oid = i.indexrelid and r.owned -> 'indexes' ? x.relname::text
     where r.project = ${project} and r.node = ${node}
       and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
       and (select jsonb_agg(a.attname order by a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(i.indkey::int2[]))
           <> ${sql.json([...key].sort())}`;
  for (const { name } of old)
    await publish([], async (tx) => {
      await tx.unsafe(
        `${endVacuums([quoteRelation(relation)], 10)}; drop index ${quoteRelation({ schema: relation.schema, name })}`,
      );
      await tx`
        update medallion.relations set owned = jsonb_set(owned, '{indexes}', (owned -> 'indexes') - ${name}::text)
         where project = ${project} and node = ${node}`;
    });
}

async function indexNames(tx: Transaction, { schema, name }: Relation): Promise<readonly string[]> {
  const rows = await tx<{ indexname: string }[]>`
    select indexname from pg_indexes where schemaname = ${schema} and tablename = ${name}`;
  return rows.map(({ indexname }) => indexname);
}

export function keyIndexSql(relation: Relation, key: readonly string[]): string {
  return `create unique index on ${quoteRelation(relation)} (${key.map(quoteIdentifier).join(', ')})`;
}
