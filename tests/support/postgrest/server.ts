import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import postgres from 'postgres';
import { authenticate, type Caller, signKey } from './auth.ts';
import { type CatalogTable, openApi, readCatalog } from './catalog.ts';
import { ApiError, postgresApiError } from './errors.ts';
import { type Fault, type SeenRequest, send } from './faults.ts';
import { parseQuery, type Query } from './parse.ts';
import { bodySql, countSql, identifier, planSql, rowsSql } from './sql.ts';

export interface PostgrestOptions {
  /** The database; the roles `anon` and `service_role` are made in it where they are missing. */
  readonly url: string;
  /** The exposed schemas, the default one first. Default: `public`. */
  readonly schemas?: readonly string[];
  /** `db-max-rows`: what Supabase sets to 1,000. */
  readonly maxRows?: number;
  /** Supabase gives the description at the root to `service_role` only. Default: true. */
  readonly hidesRoot?: boolean;
  /** As `authenticator` has it at Supabase. */
  readonly statementTimeout?: string;
  /** Called for each request before it is answered; may change the database, or make the answer go wrong. */
  misbehave?(request: SeenRequest): Promise<Fault | undefined> | Fault | undefined;
}

export interface PostgrestServer {
  readonly url: string;
  readonly keys: { readonly anon: string; readonly service: string; readonly secret: string };
  readonly requests: SeenRequest[];
  /** Any role and claims, signed. */
  key(claims: Readonly<Record<string, unknown>>): string;
  /** `notify pgrst, 'reload schema'` */
  reload(): Promise<void>;
  close(): Promise<void>;
}

const jwtSecret = 'a secret of at least thirty-two characters';
const version = '14.1';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A server that answers reading requests as PostgREST behind Supabase's gateway does, from a real Postgres. */
export async function startPostgrest(options: PostgrestOptions): Promise<PostgrestServer> {
  const { schemas = ['public'], maxRows, hidesRoot = true } = options;
  const sql = postgres(options.url, { max: 8, onnotice: () => {} });
  await makeRoles(sql, schemas);
  let catalog = await readCatalog(sql, schemas);
  const secret = 'sb_secret_0123456789abcdefghijkl_01234567';
  const requests: SeenRequest[] = [];

  const schemaOf = (request: IncomingMessage): string => {
    const wanted = request.headers['accept-profile'] ?? schemas[0]!;
    if (!catalog.has(String(wanted)))
      throw new ApiError(406, 'PGRST106', `Invalid schema: ${wanted}`, {
        hint: `Only the following schemas are exposed: ${schemas.join(', ')}`,
      });
    return String(wanted);
  };

  async function root(caller: Caller, schema: string): Promise<Answer> {
    if (hidesRoot && caller.role !== 'service_role')
      throw new ApiError(401, undefined, 'Access to schema is forbidden', {
        hint: 'Accessing the schema via the Data API is only allowed using a secret API key.',
      });
    const readable = await sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = ${schema} and has_table_privilege(${caller.role}, c.oid, 'select')`;
    const names = new Set(readable.map(({ name }) => name));
    const tables = [...catalog.get(schema)!.values()].filter(({ name }) => names.has(name));
    const headers = { 'content-type': 'application/openapi+json; charset=utf-8' };
    return { status: 200, headers, body: JSON.stringify(openApi(tables, version)) };
  }

  async function rows(caller: Caller, seen: SeenRequest, request: IncomingMessage, fault?: Fault) {
    const schema = schemaOf(request);
    const table = findTable(catalog.get(schema)!, schema, seen.table!);
    const query = parseQuery(seen.parameters);
    const range = rangeOf(request, query, maxRows);
    const from = `${identifier(schema)}.${identifier(table.name)}`;
    const asked = /count=(exact|planned|estimated)/.exec(seen.prefer)?.[1];
    const limit = fault?.kind === 'short' ? Math.min(fault.rows, range.limit ?? fault.rows) : range.limit;
    return sql
      .begin('read only', async (tx) => {
        await tx.unsafe(
          `set local role ${identifier(caller.role)}; set local statement_timeout = '${options.statementTimeout ?? '8s'}'`,
        );
        await tx`select set_config('request.jwt.claims', ${JSON.stringify(caller.claims)}, true)`;
        const [page] = await tx.unsafe(bodySql(rowsSql(from, query, { limit, offset: range.offset })));
        const total = asked ? await countRows(tx, from, query, asked, maxRows) : undefined;
        return toAnswer(page!.rows, page!.body, range.offset, total);
      })
      .catch((cause) => {
        throw cause instanceof postgres.PostgresError
          ? postgresApiError(cause as never, caller.role === 'anon')
          : cause;
      });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://localhost');
    const path = /^\/rest\/v1\/([^/]*)$/.exec(url.pathname)?.[1];
    const seen: SeenRequest = {
      number: requests.length + 1,
      method: request.method!,
      table: path ? decodeURIComponent(path) : null,
      parameters: url.searchParams,
      prefer: String(request.headers.prefer ?? ''),
    };
    requests.push(seen);
    let fault: Fault | undefined;
    let given: Answer;
    try {
      const caller = authenticate(request.headers, jwtSecret, { [secret]: 'service_role' });
      if (path === undefined) throw new ApiError(404, 'PGRST125', 'Invalid path specified in request URL');
      if (!['GET', 'HEAD'].includes(seen.method))
        throw new ApiError(405, 'PGRST117', `Unsupported HTTP method: ${seen.method}`);
      fault = await options.misbehave?.(seen);
      if (fault?.kind === 'status')
        given = { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' };
      else if (seen.table === null) given = await root(caller, schemaOf(request));
      else given = await rows(caller, seen, request, fault);
    } catch (cause) {
      const error = cause instanceof ApiError ? cause : new ApiError(500, 'XX000', String(cause));
      given = { status: error.status, headers: error.headers, body: JSON.stringify(error.body) };
    }
    await send(response, fault, seen.method === 'HEAD' ? { ...given, body: '' } : given);
  }

  const http = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    keys: {
      anon: signKey(jwtSecret, { iss: 'supabase', role: 'anon' }),
      service: signKey(jwtSecret, { iss: 'supabase', role: 'service_role' }),
      secret,
    },
    requests,
    key: (claims) => signKey(jwtSecret, claims),
    async reload() {
      catalog = await readCatalog(sql, schemas);
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await sql.end({ timeout: 1 });
    },
  };
}

async function makeRoles(sql: postgres.Sql, schemas: readonly string[]): Promise<void> {
  for (const [role, how] of [
    ['anon', ''],
    ['service_role', 'bypassrls'],
  ] as const) {
    // Roles belong to the whole server, and other tests may be making them at this moment.
    await sql.unsafe(`create role ${role} nologin ${how}`).catch((cause) => {
      if (!['42710', '23505'].includes(cause.code)) throw cause;
    });
    for (const schema of schemas)
      await sql.unsafe(
        `create schema if not exists ${identifier(schema)}; grant usage on schema ${identifier(schema)} to ${role};
         grant select on all tables in schema ${identifier(schema)} to ${role}`,
      );
  }
}

function findTable(tables: Map<string, CatalogTable>, schema: string, name: string): CatalogTable {
  const table = tables.get(name);
  if (table) return table;
  const near = [...tables.keys()].find((other) => other.startsWith(name.slice(0, 3)));
  throw new ApiError(404, 'PGRST205', `Could not find the table '${schema}.${name}' in the schema cache`, {
    ...(near !== undefined && { hint: `Perhaps you meant the table '${schema}.${near}'` }),
  });
}

/** Parameters win over the header; nobody gets more than `db-max-rows`. */
function rangeOf(request: IncomingMessage, query: Query, maxRows: number | undefined) {
  const header = /^(\d+)-(\d*)$/.exec(String(request.headers.range ?? ''));
  const [first, last] = [Number(header?.[1] ?? 0), header?.[2] ? Number(header[2]) : undefined];
  if (last !== undefined && last < first)
    throw new ApiError(416, 'PGRST103', 'Requested range not satisfiable', {
      details: 'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
    });
  const limit = query.limit ?? (last === undefined ? undefined : last - first + 1);
  return {
    offset: query.offset ?? first,
    limit: maxRows === undefined ? limit : Math.min(limit ?? maxRows, maxRows),
  };
}

async function countRows(
  tx: postgres.TransactionSql,
  from: string,
  query: Query,
  how: string,
  maxRows: number | undefined,
): Promise<number> {
  const planned = async () => {
    const [plan] = await tx.unsafe(planSql(from, query));
    return plan!['QUERY PLAN'][0].Plan['Plan Rows'] as number;
  };
  if (how === 'planned') return planned();
  // An estimate is exact up to the number of rows that a page may have.
  const most = how === 'estimated' && maxRows !== undefined ? maxRows + 1 : undefined;
  const [{ total }] = (await tx.unsafe(countSql(from, query, most))) as unknown as [{ total: number }];
  return most !== undefined && total >= most ? Math.max(total, await planned()) : total;
}

function toAnswer(rows: number, body: string, offset: number, total: number | undefined): Answer {
  const range = `${rows === 0 ? '*' : `${offset}-${offset + rows - 1}`}/${total ?? '*'}`;
  if (total !== undefined && offset > total)
    throw new ApiError(416, 'PGRST103', 'Requested range not satisfiable', {
      details: `An offset of ${offset} was requested, but there are only ${total} rows.`,
      headers: { 'content-range': `*/${total}` },
    });
  return {
    status: total !== undefined && rows < total ? 206 : 200,
    headers: { 'content-range': range, 'range-unit': 'items' },
    body,
  };
}
