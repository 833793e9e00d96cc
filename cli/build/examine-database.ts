import { loadSchemaComment } from '../bronze/index.js';
import { quoteIdentifier } from '../database/identifiers.js';
import { readSchemaVersion, schemaVersion } from '../database/migrations/index.js';
import type { ProjectDatabase } from './open-database.js';
import type { OpenProject } from './open-project.js';
import { namedRoles } from './roles.js';
import { findSchemasMarked, stageComment } from './stage.js';

/** One thing that `mdl doctor` looked at. */
export interface Check {
  readonly status: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly fix?: string | undefined;
}

/** Checks rights, roles and leftovers in a database that answers; changes nothing. */
export async function examineDatabase(database: ProjectDatabase, project: OpenProject): Promise<Check[]> {
  const { options } = project;
  const sql = database.connect({ max: 1, applicationName: 'mdl' });
  const checks: Check[] = [];
  const [me] = await sql<{ role: string; database: string; may_create: boolean; skew: number }[]>`
    select current_user as role, current_database() as database,
           has_database_privilege(current_database(), 'create') as may_create,
           extract(epoch from clock_timestamp())::float8 as skew`;
  const { role, may_create } = me!;
  checks.push(
    may_create
      ? { status: 'ok', what: `${role} may create schemas in ${me!.database}` }
      : {
          status: 'fail',
          what: `${role} may not create schemas in ${me!.database}`,
          fix: `as its owner: grant create on database ${quoteIdentifier(me!.database)} to ${quoteIdentifier(role)};`,
        },
  );
  const skew = Math.abs(Date.now() / 1000 - me!.skew);
  if (skew > 60)
    checks.push({
      status: 'warn',
      what: `the clocks of this machine and the server differ by ${Math.round(skew)} s`,
      fix: 'set both by NTP: times of loads and freshness tests depend on them',
    });

  for (const layer of options.layers.values()) {
    const [schema] = await sql<{ owner: string; usable: boolean }[]>`
      select pg_get_userbyid(nspowner) as owner, has_schema_privilege(oid, 'usage') and has_schema_privilege(oid, 'create') as usable
        from pg_namespace where nspname = ${layer.schema}`;
    if (schema && !schema.usable) {
      checks.push({
        status: 'fail',
        what: `${role} may not create relations in schema ${layer.schema}`,
        fix: `as ${schema.owner}: grant usage, create on schema ${quoteIdentifier(layer.schema)} to ${quoteIdentifier(role)};`,
      });
    } else
      checks.push({
        status: 'ok',
        what: schema ? `schema ${layer.schema} can be used` : `schema ${layer.schema} will be made`,
      });
  }
  const roles = new Set(
    (await sql<{ name: string }[]>`select rolname as name from pg_roles`).map((row) => row.name),
  );
  for (const name of namedRoles(project)) {
    if (name === 'public' || roles.has(name))
      checks.push({ status: 'ok', what: `role ${name}, named in the project, exists` });
    else if (database.isEmbedded) checks.push({ status: 'ok', what: `role ${name} will be made` });
    else
      checks.push({
        status: 'fail',
        what: `role ${name}, named in the project, does not exist`,
        fix: `create role ${quoteIdentifier(name)} nologin;`,
      });
  }
  const version = await readSchemaVersion(sql);
  checks.push({
    status: 'ok',
    what:
      version === 0
        ? 'the schema medallion will be made'
        : `the schema medallion has version ${version}${version < schemaVersion ? ` and will be brought to ${schemaVersion}` : ''}`,
  });
  const leftovers = [
    ...(await findSchemasMarked(sql, stageComment(options.name))),
    ...(await findSchemasMarked(sql, loadSchemaComment(options.name))),
  ];
  const tables =
    leftovers.length === 0
      ? []
      : await sql`select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ${sql([...leftovers])} and c.relkind in ('r', 'v')`;
  if (tables.length > 0)
    checks.push({
      status: 'warn',
      what: `a run is going on or was killed: ${leftovers.join(', ')} hold ${tables.length} relations`,
      fix: 'the next build goes on from there; or remove them with: npx mdl clean',
    });
  const extensions = await sql<
    { extname: string }[]
  >`select extname from pg_extension where extname = 'citus'`;
  if (extensions.length > 0) checks.push({ status: 'ok', what: 'the citus extension is installed' });
  if (roles.has('supabase_admin')) checks.push({ status: 'ok', what: 'this is a Supabase database' });
  return checks;
}
