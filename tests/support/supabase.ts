import * as assert from 'uvu/assert';
import { loaded } from './load.ts';
import { type PostgrestOptions, type PostgrestServer, startPostgrest } from './postgrest/server.ts';
import { type TestProject, testProject } from './project.ts';

export interface Supabase {
  readonly project: TestProject;
  readonly server: PostgrestServer;
  /** Writes the configuration: `bronze.t` from a table. @param source further options of the source */
  configure(bronze: string, source?: string): void;
}

export interface SupabaseOptions extends Omit<PostgrestOptions, 'url'> {
  /** Makes what the server serves. */
  readonly sql: string;
  /** Settings of `bronze.t`. */
  readonly bronze: string;
  /** Options of `supabase({ ... })` beside `url` and `key`, which may be named again. */
  readonly source?: string;
}

/** A project whose database also stands behind a Supabase-like server. */
export async function withSupabase(
  { sql, bronze, source = '', ...options }: SupabaseOptions,
  work: (supabase: Supabase) => Promise<void>,
): Promise<void> {
  const project = await testProject({});
  try {
    await project.sql.unsafe(sql);
    const server = await startPostgrest({ ...options, url: project.url });
    const configure = (table: string, more = '') =>
      project.write(
        'medallion.config.ts',
        `import { defineConfig, supabase } from 'medallion';
const keys = ${JSON.stringify(server.keys)};
const api = supabase({ url: '${server.url}', key: keys.service, ${more} });
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { api }, bronze: { t: { ${table} } } });`,
      );
    configure(bronze, source);
    try {
      await work({ project, server, configure });
    } finally {
      await server.close();
    }
  } finally {
    await project.close();
  }
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** How many rows there are, and a checksum over every value as text. */
export async function fingerprint(
  project: TestProject,
  relation: string,
  columns: readonly string[],
): Promise<{ rows: number; sum: string | null }> {
  const row = `md5(row(${columns.map((column) => `${quote(column)}::text`).join(', ')})::text)`;
  const [found] = await project.sql.unsafe(
    `select count(*)::int as rows, md5(string_agg(${row}, '' order by ${row})) as sum from ${relation}`,
  );
  return found as never;
}

/** Loads, and compares every value of `bronze.t` with its source. @returns the end of the load */
export async function loadsExactly(
  { project }: Supabase,
  table: string,
  columns: readonly string[],
  ...flags: string[]
): Promise<Record<string, any>> {
  const finished = await loaded(project, ...flags);
  assert.is(finished.status, 'succeeded', JSON.stringify(finished));
  assert.equal(
    await fingerprint(project, 'bronze.t', columns),
    await fingerprint(project, table, columns),
    `${table} and bronze.t differ`,
  );
  return finished;
}
