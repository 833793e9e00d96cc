import { type SupabaseEndpoint, supabaseEndpoint } from '../../database/supabase.js';
import type { Check, Examined } from './check.js';

/** Connections of a run beside those that build: its lock, bookkeeping, the publish and the first question. */
const besideThreads = 4;

/** How the database is reached, and the limits of that way. */
export async function examineConnection(examined: Examined): Promise<Check[]> {
  const { database } = examined;
  if (database.isEmbedded) return [];
  const endpoint = supabaseEndpoint(database.url);
  return [
    ...(await describeWay(examined, endpoint)),
    ...(await examineTimeouts(examined)),
    ...(await examineLimits(examined, endpoint)),
  ];
}

async function describeWay(
  { sql, database }: Examined,
  endpoint: SupabaseEndpoint | undefined,
): Promise<Check[]> {
  if (endpoint === 'direct')
    return [
      {
        status: 'ok',
        what: 'Supabase, direct connection: without the IPv4 add-on it is reached by IPv6 only, so perhaps not from CI',
      },
    ];
  if (endpoint === 'session pooler')
    return [{ status: 'ok', what: 'Supabase, session pooler: each connection takes one of its pool' }];
  const [supabase] = await sql`select from pg_roles where rolname = 'supabase_admin'`;
  const name = endpoint ? `Supabase, ${endpoint}` : supabase ? 'Supabase' : undefined;
  if (!endpoint && !database.isPooled)
    return name ? [{ status: 'ok', what: 'this is a Supabase database' }] : [];
  return [
    {
      status: 'warn',
      what: `${name ?? 'a pooler stands between'}${supabase && !endpoint ? ', through a pooler' : ''}: if it lends connections for a transaction only, prepared statements and session settings do not work; a build does without them, and its lock is a transaction that stays open as long as it runs`,
      fix: `nothing has to be done; for builds of hours, and for LISTEN and pg_dump, take ${endpoint ? 'the session pooler (port 5432)' : 'a session pooler'} or the direct connection`,
    },
  ];
}

/** Servers have limits of their own for statements (Supabase: two minutes), which a long model runs into. */
async function examineTimeouts({ sql, project: { options } }: Examined): Promise<Check[]> {
  if (options.statementTimeout !== undefined)
    return [{ status: 'ok', what: `statements may take ${options.statementTimeout} (statementTimeout)` }];
  const [row] = await sql<{ timeout: string; role: string }[]>`
    select current_setting('statement_timeout') as timeout, session_user::text as role`;
  if (row!.timeout === '0') return [];
  return [
    {
      status: 'warn',
      what: `the server ends statements of ${row!.role} after ${row!.timeout}, also those of large models`,
      fix: `set statementTimeout: '1h' in medallion.config.ts: mdl then asks for it on its own connections`,
    },
  ];
}

async function examineLimits(
  { sql, project: { options } }: Examined,
  endpoint: SupabaseEndpoint | undefined,
): Promise<Check[]> {
  const needed = options.threads + besideThreads;
  const [row] = await sql<{ server: number; own: number; database: number }[]>`
    select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
             - (select sum(numbackends)::int from pg_stat_database) as server,
           (select case when rolconnlimit < 0 then 100000 else rolconnlimit - (select count(*)::int from pg_stat_activity where usesysid = r.oid) end
              from pg_roles r where rolname = session_user) as own,
           (select case when datconnlimit < 0 then 100000 else datconnlimit - (select count(*)::int from pg_stat_activity where datid = d.oid) end
              from pg_database d where datname = current_database()) as database`;
  const free = Math.min(row!.server, row!.own, row!.database);
  const checks: Check[] = [
    free < needed
      ? {
          status: 'warn',
          what: `a build takes up to ${needed} connections (threads: ${options.threads}), and only ${Math.max(free, 0)} are free`,
          fix: 'lower threads in medallion.config.ts, or raise the limit of the server, database or role',
        }
      : { status: 'ok', what: `a build takes up to ${needed} connections, which the server has` },
  ];
  if (endpoint === 'session pooler' && needed > 15)
    checks.push({
      status: 'warn',
      what: `a build takes up to ${needed} connections of the session pooler, whose pool is 15 unless you made it larger`,
      fix: `threads: ${15 - besideThreads} at most, a larger pool (dashboard: Database, Settings), or the direct connection`,
    });
  return checks;
}
