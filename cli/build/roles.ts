import { grantedRoles } from '../config/grants.js';
import type { Sql } from '../database/connect.js';
import { quoteIdentifier } from '../database/identifiers.js';
import { MedallionError } from '../errors/index.js';
import type { OpenProject } from './open-project.js';

/** Every role that the configuration or a model names, once. */
export function namedRoles({ options, graph }: OpenProject): readonly string[] {
  const roles = new Set([...options.layers.values()].flatMap((layer) => grantedRoles(layer.grants)));
  for (const node of graph.nodes.values())
    if (node.kind === 'model')
      for (const role of [
        ...grantedRoles(node.parsed.model.grants),
        ...(node.parsed.model.policies ?? []).flatMap((policy) => policy.roles),
      ])
        roles.add(role);
  return [...roles];
}

/**
 * Roles that grants and policies name must exist. On the embedded server, which is ours alone, missing ones are made.
 * @throws MedallionError MDL2007
 */
export async function requireRoles(sql: Sql, roles: readonly string[], embedded: boolean): Promise<void> {
  if (roles.length === 0) return;
  const missing = await sql<{ role: string }[]>`
    select role from jsonb_array_elements_text(${sql.json(roles as string[])}) as role
     where role <> 'public' and not exists (select from pg_roles where rolname = role)`;
  for (const { role } of missing) {
    if (!embedded) {
      throw new MedallionError('MDL2007', {
        message: `The role "${role}" does not exist.`,
        hint: `create role ${quoteIdentifier(role)} nologin; or take it out of grants and rls.`,
      });
    }
    // As at Supabase, so that the same policies give the same rows.
    const options = role === 'service_role' ? 'nologin bypassrls' : 'nologin';
    await sql.unsafe(`create role ${quoteIdentifier(role)} ${options}`);
  }
}

/** Who is given anything in a layer may use its schema; rights on relations are given as each is published. */
export async function grantSchemas(sql: Sql, { options, graph }: OpenProject): Promise<void> {
  for (const layer of options.layers.values()) {
    const roles = new Set(grantedRoles(layer.grants));
    for (const node of graph.nodes.values())
      if (node.kind === 'model' && node.layer === layer.name)
        for (const role of grantedRoles(node.parsed.model.grants)) roles.add(role);
    if (roles.size === 0) continue;
    const missing = await sql<{ role: string }[]>`
      select role from jsonb_array_elements_text(${sql.json([...roles])}) as role
       where not pg_catalog.has_schema_privilege(role, ${layer.schema}, 'usage')`;
    if (missing.length > 0)
      await sql.unsafe(
        `grant usage on schema ${quoteIdentifier(layer.schema)} to ${missing.map(({ role }) => quoteIdentifier(role)).join(', ')}`,
      );
  }
}
