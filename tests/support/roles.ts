import type postgres from 'postgres';

/** The roles that every Supabase database has. They belong to the server, which other tests use at the same time: made once, never dropped. */
export const supabaseRoles = ['anon', 'authenticated', 'service_role', 'authenticator'] as const;

/** Makes roles that are missing; others may be making them too. */
export async function createRoles(sql: postgres.Sql, ...names: readonly string[]): Promise<void> {
  for (const name of names)
    await sql.unsafe(
      `do $$ begin create role "${name}" nologin; exception when duplicate_object or unique_violation then null; end $$`,
    );
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
