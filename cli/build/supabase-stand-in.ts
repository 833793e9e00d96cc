import type { Sql } from '../database/connect.js';
import type { OpenProject } from './open-project.js';

/** What policies for Supabase call, as there: who asks is in a setting that the API makes for each request. */
const authFunctions = `
  create schema auth;
  comment on schema auth is 'stands in for Supabase''s, made by mdl';
  grant usage on schema auth to public;
  create function auth.jwt() returns jsonb stable language sql
    as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
  create function auth.uid() returns uuid stable language sql as $$ select (auth.jwt() ->> 'sub')::uuid $$;
  create function auth.role() returns text stable language sql as $$ select auth.jwt() ->> 'role' $$;
  create function auth.email() returns text stable language sql as $$ select auth.jwt() ->> 'email' $$`;

/**
 * The embedded server, which is ours alone, gets Supabase's `auth` functions when a model has policies: what is built there is built at Supabase unchanged.
 * A schema `auth` that is there already is left as it is.
 */
export async function standInForSupabase(sql: Sql, { graph }: OpenProject): Promise<void> {
  const hasPolicies = [...graph.nodes.values()].some(
    (node) => node.kind === 'model' && (node.parsed.model.policies?.length ?? 0) > 0,
  );
  if (!hasPolicies) return;
  const [row] = await sql<{ missing: boolean }[]>`select to_regnamespace('auth') is null as missing`;
  if (row!.missing) await sql.begin((tx) => tx.unsafe(authFunctions));
}
