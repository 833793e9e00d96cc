import type { Options } from '../../config/options.js';
import type { Sql } from '../../database/connect.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import { readSchemaVersion, schemaVersion } from '../../database/migrations/index.js';
import { errorCode } from '../../database/postgres-error.js';
import { dropPublished, readPublished } from './retire.js';

/** What an environment has published, for people. */
export async function environmentRelations(sql: Sql, options: Options): Promise<readonly string[]> {
  if ((await readSchemaVersion(sql)) < schemaVersion) return [];
  return (await readPublished(sql, options.name)).map(({ kind, node }) => `${kind ?? 'state of'} ${node}`);
}

/**
 * Drops all that an environment has published, its state, and those of its schemas that are empty then; never CASCADE. Its runs stay in the history.
 * @param tell given what stays, and why
 * @returns what was dropped, for people
 */
export async function dropEnvironment(
  sql: Sql,
  options: Options,
  tell: (message: string) => void,
): Promise<readonly string[]> {
  const dropped: string[] = [];
  if ((await readSchemaVersion(sql)) === schemaVersion) {
    const emit = (event: { readonly event: string; readonly message?: string }) => {
      if (event.message !== undefined) tell(event.message);
    };
    const published = await readPublished(sql, options.name);
    for (const { kind, node } of await dropPublished(sql, options.name, published, emit))
      dropped.push(`${kind ?? 'state of'} ${node}`);
    await sql`delete from medallion.passed_tests where project = ${options.name}`;
    await sql`
      delete from medallion.definitions d where project = ${options.name}
         and not exists (select from medallion.relations r where r.project = d.project and r.node = d.node)`;
  }
  const names = [...options.layers.values()].map(({ schema }) => schema);
  const schemas = await sql<{ name: string }[]>`
    select nspname as name from pg_namespace where nspname = any(${names}) order by 1`;
  for (const { name } of schemas) if (await dropIfEmpty(sql, name)) dropped.push(`schema ${name}`);
  return dropped;
}

async function dropIfEmpty(sql: Sql, name: string): Promise<boolean> {
  try {
    await sql.unsafe(`drop schema ${quoteIdentifier(name)}`);
    return true;
  } catch (cause) {
    // What others keep there, or a schema of theirs.
    if (['2BP01', '42501', '3F000'].includes(errorCode(cause) ?? '')) return false;
    throw cause;
  }
}
