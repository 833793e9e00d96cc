import { isDeepStrictEqual } from 'node:util';
import type { Sql, Transaction } from '../database/connect.js';
import { quoteIdentifier, quoteLiteral, type Relation } from '../database/identifiers.js';
import { errorCode, isConnectionLoss, postgresError } from '../database/postgres-error.js';
import { readShapes } from './shape.js';

/** PostgREST in front of the database, as far as a publish has to do with it. */
export interface Postgrest {
  /** The role that it logs in with; its settings are PostgREST's in-database configuration. */
  readonly role: string;
  /** Schemas that are exposed beside those of the layers; undefined: not known. */
  readonly schemas: readonly string[] | undefined;
  /** Schemas of the layers that are to be exposed; with none, PostgREST is left alone. */
  readonly exposed: readonly string[];
}

/** Something about the API to tell the user. */
export interface PostgrestNotice {
  readonly message: string;
  readonly hint?: string;
}

/** The list of exposed schemas that is in force. */
export interface ExposedSchemas {
  /** Undefined: PostgREST's own configuration decides, which cannot be seen from here. */
  readonly schemas: readonly string[] | undefined;
  /** Whether the list is set for this database alone, which wins over one for all databases. */
  readonly ofDatabase: boolean;
  readonly database: string;
}

/** @returns undefined where the role does not exist: no PostgREST serves this database */
export async function readExposedSchemas(
  sql: Sql | Transaction,
  role: string,
): Promise<ExposedSchemas | undefined> {
  const [row] = await sql<{ list: string | null; ofDatabase: boolean; database: string }[]>`
    select s.list, coalesce(s.setdatabase <> 0, false) as "ofDatabase", current_database()::text as database
      from pg_catalog.pg_roles r
      left join lateral (
             select setdatabase, substr(setting, length('pgrst.db_schemas=') + 1) as list
               from pg_catalog.pg_db_role_setting, unnest(setconfig) as setting
              where setrole = r.oid and starts_with(setting, 'pgrst.db_schemas=')
                and setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
              order by setdatabase desc limit 1) s on true
     where r.rolname = ${role}`;
  if (!row) return undefined;
  const schemas = row.list?.split(',').map((schema) => schema.trim());
  return { ...row, schemas: schemas?.filter((schema) => schema !== '') };
}

/** The statement that makes a list of exposed schemas PostgREST's, where the one in force is set. */
export function exposeStatement(
  role: string,
  { ofDatabase, schemas, database }: ExposedSchemas,
  list: readonly string[],
): string {
  // A list for all databases stays one; a new one concerns this database only, whatever else the server holds.
  const scope = ofDatabase || schemas === undefined ? ` in database ${quoteIdentifier(database)}` : '';
  return `alter role ${quoteIdentifier(role)}${scope} set pgrst.db_schemas = ${quoteLiteral(list.join(', '))}`;
}

/**
 * Looks at published relations before a publish, to know afterwards whether PostgREST has to look again.
 * @returns what to do in the publish transaction, which is when readers and PostgREST learn of it together
 */
export async function watchShapes(
  sql: Sql,
  postgrest: Postgrest,
  relations: readonly Relation[],
): Promise<(tx: Transaction) => Promise<PostgrestNotice | undefined>> {
  if (postgrest.exposed.length === 0) return async () => undefined;
  const before = await sql.begin(async (tx) => {
    await tx.unsafe(`set local search_path = ''`);
    return readShapes(tx, relations);
  });
  return async (tx) => {
    const current = await readExposedSchemas(tx, postgrest.role);
    if (!current) return undefined;
    const exposure = await expose(tx, postgrest, current);
    if (exposure.changed || !isDeepStrictEqual(await readShapes(tx, relations), before))
      await tx`select pg_catalog.pg_notify('pgrst', 'reload schema')`;
    return exposure.notice;
  };
}

/** Adds what is missing to the list of exposed schemas; what others exposed stays. A right that is lacking is told, and fails nothing. */
async function expose(
  tx: Transaction,
  { role, schemas, exposed }: Postgrest,
  seen: ExposedSchemas,
): Promise<{ changed: boolean; notice?: PostgrestNotice }> {
  const wanted = [...(schemas ?? []), ...exposed];
  const lacks = ({ schemas: list }: ExposedSchemas) => wanted.some((schema) => !list?.includes(schema));
  if (!lacks(seen)) return { changed: false };
  if (seen.schemas === undefined && schemas === undefined)
    return { changed: false, notice: unknown(exposed) };
  // Two projects in one database: the second adds to what the first has set.
  await tx`select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('medallion.postgrest', 0))`;
  const current = await readExposedSchemas(tx, role);
  if (!current || !lacks(current)) return { changed: false };
  const list = [...new Set([...(current.schemas ?? []), ...wanted])];
  const statement = exposeStatement(role, current, list);
  try {
    await tx.savepoint((savepoint) => savepoint.unsafe(statement));
  } catch (cause) {
    if (isConnectionLoss(cause) || ['55P03', '40P01', '57014'].includes(errorCode(cause) ?? '')) throw cause;
    return {
      changed: false,
      notice: {
        message: `PostgREST does not expose ${exposed.join(', ')}: ${postgresError(cause)?.message ?? String(cause)}`,
        hint: `As a role that may: ${statement}; notify pgrst, 'reload config';`,
      },
    };
  }
  await tx`select pg_catalog.pg_notify('pgrst', 'reload config')`;
  return { changed: true, notice: { message: `PostgREST exposes ${list.join(', ')}.` } };
}

/** A list in the database hides that of PostgREST's own configuration (Supabase: of the dashboard), whatever is in it. */
function unknown(exposed: readonly string[]): PostgrestNotice {
  return {
    message: `${exposed.join(', ')} cannot be exposed yet: which schemas PostgREST exposes is not set in the database, and a list there would hide the others.`,
    hint: `Say in medallion.config.ts which others are exposed: postgrest: { schemas: ['public'] }; on Supabase they are in the dashboard, under Data API.`,
  };
}
