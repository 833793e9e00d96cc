import { quoteIdentifier } from '../../database/identifiers.js';
import { namedRoles } from '../roles.js';
import type { Check, Examined } from './check.js';

/** The rights of the role of `mdl`, and the roles that the project names. */
export async function examineRights(examined: Examined): Promise<Check[]> {
  const { sql, database, project } = examined;
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
  return [...checks, ...(await examineDefaults(examined))];
}

/** Default privileges of a layer's schema come to each relation that is published there (Supabase gives the API's roles everything in `public`). */
async function examineDefaults({ sql, project: { options } }: Examined): Promise<Check[]> {
  const rows = await sql<{ schema: string; role: string; rights: string }[]>`
    select n.nspname as schema, case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee) end as role,
           string_agg(lower(x.privilege_type), ', ' order by x.privilege_type) as rights
      from pg_default_acl d
      join pg_namespace n on n.oid = d.defaclnamespace
     cross join lateral aclexplode(d.defaclacl) x
     where d.defaclobjtype = 'r' and d.defaclrole = (select oid from pg_roles where rolname = current_user) and x.grantee <> d.defaclrole
       and x.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
       and n.nspname in (select jsonb_array_elements_text(${sql.json([...options.layers.values()].map(({ schema }) => schema))}))
     group by 1, 2 order by 1, 2`;
  return rows.map(({ schema, role, rights }) => ({
    status: 'warn',
    what: `default privileges of the schema ${schema} give ${role} ${rights} on every relation that is published there`,
    fix: `another schema for the layer, or: alter default privileges in schema ${quoteIdentifier(schema)} revoke ${rights} on tables from ${quoteIdentifier(role)};`,
  }));
}
