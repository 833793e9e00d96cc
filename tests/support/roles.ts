import type postgres from 'postgres';

/** The roles that every Supabase database has. They belong to the server, which other tests use at the same time: made once, never dropped. */
export const supabaseRoles = ['anon', 'authenticated', 'service_role', 'authenticator'] as const;

/** Makes roles that are missing; others may be making them too. */
export async function createRoles(sql: postgres.Sql, ...names: readonly string[]): Promise<void> {
  for (const name of names)
    await sql.unsafe(
      `do $$ begin create role "${name}" nologin${name === 'service_role' ? ' bypassrls' : ''}; exception when duplicate_object or unique_violation then null; end $$`,
    );
}

/** What a Supabase database has beside Postgres, as far as projects use it: the roles, and who asks according to PostgREST. */
export async function makeSupabase(sql: postgres.Sql): Promise<void> {
  await createRoles(sql, ...supabaseRoles);
  await sql.unsafe(`
    create schema auth;
    create function auth.jwt() returns jsonb stable language sql as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
    create function auth.uid() returns text stable language sql as $$ select auth.jwt() ->> 'sub' $$;
    grant usage on schema auth to anon, authenticated, service_role`);
}

/** What a statement gives a role: the rows' first values, joined; `denied` without the right to run it. What it writes is taken back. */
export async function asRole(sql: postgres.Sql, role: string, statement: string): Promise<string> {
  class TakenBack extends Error {}
  let result = '';
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(`set local role "${role}"`);
      const rows = await tx.unsafe(statement);
      result = rows.length > 0 ? rows.map((row) => Object.values(row)[0]).join(' ') : `${rows.count} rows`;
      throw new TakenBack();
    });
  } catch (error) {
    if (error instanceof TakenBack) return result;
    if ((error as { code?: string }).code === '42501') return 'denied';
    throw error;
  }
  return result;
}
