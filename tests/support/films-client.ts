import { PostgrestClient } from '@supabase/postgrest-js';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import type { Api } from './api.ts';
import { withFilms } from './films.ts';
import type { Database } from './films-database.ts';

export type FilmsClient = SupabaseClient<Database, 'api'>;

/** The clients as their users make them: only the address is ours. */
const clients: Readonly<Record<string, (api: Api) => FilmsClient>> = {
  'supabase-js': ({ url }) =>
    createClient<Database, 'api'>(url, 'sb_publishable_any', {
      db: { schema: 'api' },
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: WebSocket as never },
    }),
  // Of supabase-js, a query uses what is postgrest-js's.
  'postgrest-js': ({ url }) => new PostgrestClient<Database>(url, { schema: 'api' }) as never,
};

/** What a client gives, as far as a query is compared with it. */
interface Answer {
  readonly data: unknown;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
  readonly count: number | null;
  readonly status: number;
}

/** What of an answer must be so; without `code` there must be no error. */
interface Expected<Data> {
  readonly data?: Data | undefined;
  readonly count?: number | null;
  readonly status?: number;
  readonly code?: string;
  readonly hint?: string | null;
  readonly message?: string;
}

export interface ClientQuery {
  readonly title: string;
  readonly ask: (client: FilmsClient) => PromiseLike<Answer>;
  readonly expected: Expected<unknown>;
}

/** A query and what it answers; what the client's types say about its rows is checked by the compiler against what really comes. */
export function query<Given extends Answer>(
  title: string,
  ask: (client: FilmsClient) => PromiseLike<Given>,
  expected: Expected<NoInfer<Given['data']>>,
): ClientQuery {
  return { title, ask, expected };
}

/** Runs each query by each client as a test of its own, all against one server. */
export function runQueries(name: string, settings: string, queries: readonly ClientQuery[]): void {
  const test = suite(name);
  let server: Api;
  let stop: () => void;
  let ended: Promise<void>;
  test.before(
    () =>
      new Promise<void>((resolve, reject) => {
        ended = withFilms(settings, async (api) => {
          server = api;
          resolve();
          await new Promise<void>((end) => {
            stop = end;
          });
        });
        ended.catch(reject);
      }),
  );
  test.after(() => {
    stop();
    return ended;
  });
  for (const [client, make] of Object.entries(clients))
    for (const { title, ask, expected } of queries)
      test(`${client}: ${title}`, async () => compare(await ask(make(server)), expected));
  test.run();
}

function compare({ data, error, count, status }: Answer, expected: Expected<unknown>): void {
  if (expected.code === undefined) assert.is(error, null, JSON.stringify(error));
  const given = { data, count, status, code: error?.code, hint: error?.hint, message: error?.message };
  for (const key of Object.keys(expected) as (keyof Expected<unknown>)[])
    assert.equal(given[key], expected[key], key);
}
