import { grantedRoles } from '../../config/grants.js';
import type { Layer } from '../../config/options.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import { type ExposedSchemas, exposeStatement, readExposedSchemas } from '../../publish/postgrest.js';
import type { OpenProject } from '../open-project.js';
import type { Check, Examined } from './check.js';

/** What PostgREST serves of the project, and whether its roles can read that. */
export async function examinePostgrest({ sql, database, project }: Examined): Promise<Check[]> {
  const { layers, postgrest } = project.options;
  const exposed = [...layers.values()].filter(({ expose }) => expose);
  const current = await readExposedSchemas(sql, postgrest.role);
  if (!current) {
    if (exposed.length === 0 || database.isEmbedded) return [];
    return [
      {
        status: 'warn',
        what: `the role ${postgrest.role} does not exist: no PostgREST serves this database, and expose does nothing`,
        fix: `if PostgREST logs in with another role: postgrest: { role: '...' } in medallion.config.ts`,
      },
    ];
  }
  const checks = [
    ...exposed.map((layer) => exposure(layer, current, postgrest.schemas)),
    ...[...layers.values()].flatMap((layer) => surplus(layer, current, postgrest.role)),
  ];
  const taken = await sql<{ role: string }[]>`
    select rolname as role from pg_roles where pg_has_role(${postgrest.role}, oid, 'member')`;
  const able = new Set(['public', ...taken.map(({ role }) => role)]);
  return [
    ...checks,
    ...exposed.flatMap((layer) => readable(layer, rolesOf(layer, project), able, postgrest.role)),
  ];
}

/** A request of the API has the rights of a role that PostgREST's own can become. */
function readable(layer: Layer, roles: readonly string[], able: ReadonlySet<string>, own: string): Check[] {
  const [first] = roles;
  if (first === undefined)
    return [
      {
        status: 'warn',
        what: `${layer.schema} is exposed, and no role may read it`,
        fix: `grants: { ${layer.name}: { select: ['anon', 'authenticated'] } } in medallion.config.ts`,
      },
    ];
  if (roles.some((role) => able.has(role))) return [];
  return [
    {
      status: 'warn',
      what: `${layer.schema} is exposed, and ${own} cannot become any of the roles that may read it: ${roles.join(', ')}`,
      fix: `grant ${quoteIdentifier(first)} to ${quoteIdentifier(own)};`,
    },
  ];
}

/** Roles with a right on anything of a layer. */
function rolesOf(layer: Layer, { graph }: OpenProject): string[] {
  const models = [...graph.nodes.values()].flatMap((node) =>
    node.kind === 'model' && node.layer === layer.name ? grantedRoles(node.parsed.model.grants) : [],
  );
  return [...new Set([...grantedRoles(layer.grants), ...models])];
}

function exposure({ schema }: Layer, current: ExposedSchemas, others: readonly string[] | undefined): Check {
  if (current.schemas?.includes(schema)) return { status: 'ok', what: `PostgREST exposes ${schema}` };
  if (current.schemas || others)
    return { status: 'ok', what: `the next build exposes ${schema} to PostgREST` };
  return {
    status: 'warn',
    what: `${schema} cannot be exposed: which schemas PostgREST exposes is not set in the database, and a list there would hide the others`,
    fix: `postgrest: { schemas: ['public'] } in medallion.config.ts, with all that are exposed now`,
  };
}

/** A layer that PostgREST serves although the configuration does not ask for it. */
function surplus({ schema, expose }: Layer, current: ExposedSchemas, role: string): Check[] {
  if (expose || !current.schemas?.includes(schema)) return [];
  const rest = current.schemas.filter((other) => other !== schema);
  return [
    {
      status: 'warn',
      what: `PostgREST exposes ${schema}, whose layer does not say expose`,
      fix: `expose: true on the layer, or: ${exposeStatement(role, current, rest)}; notify pgrst, 'reload config';`,
    },
  ];
}
