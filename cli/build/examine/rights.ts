import { quoteIdentifier } from '../../database/identifiers.js';
import { namedRoles } from '../roles.js';
import type { Check, Examined } from './check.js';

/** The rights of the role of `mdl`, and the roles that the project names. */
export async function examineRights({ sql, database, project }: Examined): Promise<Check[]> {
  const checks: Check[] = [];
  const [me] = await sql<{ role: string; database: string; may_create: boolean }[]>`
    select current_user as role, current_database() as database,
           has_database_privilege(current_database(), 'create') as may_create`;
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
  for (const layer of project.options.layers.values()) {
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
      checks.push({ status: 'ok', what: `role ${name}, named in grants or rls, exists` });
    else if (database.isEmbedded) checks.push({ status: 'ok', what: `role ${name} will be made` });
    else
      checks.push({
        status: 'fail',
        what: `role ${name}, named in grants or rls, does not exist`,
        fix: `create role ${quoteIdentifier(name)} nologin;`,
      });
  }
  return checks;
}
