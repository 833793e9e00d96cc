/** The three ways to a database at Supabase, and its dedicated pooler, by host and port of the connection string. */
export type SupabaseEndpoint = 'direct' | 'session pooler' | 'transaction pooler' | 'dedicated pooler';

/** @returns undefined for any other address, also for a Supabase that somebody hosts */
export function supabaseEndpoint(url: string): SupabaseEndpoint | undefined {
  const [, host = '', port = '5432'] = /^[a-z]+:\/\/(?:[^@/]*@)?([^/?:,]*)(?::(\d+))?/i.exec(url) ?? [];
  if (/^db\.[a-z0-9]+\.supabase\.(co|red)$/i.test(host))
    return port === '6543' ? 'dedicated pooler' : 'direct';
  if (/\.pooler\.supabase\.(com|red)$/i.test(host))
    return port === '6543' ? 'transaction pooler' : 'session pooler';
  return undefined;
}

/** What Supabase's dashboard and its integrations put into connection strings for other clients (Prisma, Vercel); Postgres refuses them as settings. */
const foreignParameters = ['pgbouncer', 'connection_limit', 'pool_timeout', 'schema', 'supa'];

/** The connection string without parameters that mean something to other clients only. */
export function withoutForeignParameters(url: string): string {
  const [base, query] = url.split('?', 2);
  if (query === undefined) return url;
  const own = query.split('&').filter((part) => !foreignParameters.includes(part.split('=', 1)[0]!));
  return own.length === 0 ? base! : `${base}?${own.join('&')}`;
}

/** What may be done when an address of Supabase cannot be reached. */
export function unreachableHint(url: string): string | undefined {
  switch (supabaseEndpoint(url)) {
    case 'direct':
    case 'dedicated pooler':
      return 'Without the IPv4 add-on this host has an IPv6 address only, which many networks and CI machines cannot reach: take the session pooler (dashboard: Connect), <region>.pooler.supabase.com:5432 with the user postgres.<project>.';
    case 'session pooler':
    case 'transaction pooler':
      return 'Check region and project in the dashboard (Connect); a project that is paused has to be restored there first.';
    default:
      return undefined;
  }
}
