import type { SupabaseClient } from '@supabase/supabase-js';
import { waitAsked } from '../backoff.js';
import type { Settings } from './options.js';

/** What a server that was asked for rows gave. */
export interface Answer {
  readonly rows: readonly Record<string, unknown>[];
  /** All rows that the filters fit, where it was asked to count. */
  readonly count: number | undefined;
  readonly bytes: number;
  readonly ms: number;
}

/** Why there is no answer. */
export interface Refusal {
  /** The HTTP status; 0 where no whole answer came. */
  readonly status: number;
  /** `PGRST205`, an SQLSTATE, or nothing. */
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** What the server asks to wait. */
  readonly retryAfterMs: number | undefined;
}

export type Reply = { readonly answer: Answer } | { readonly refusal: Refusal };

/** A request through the client: made anew for each attempt. */
export type Ask = (client: SupabaseClient) => PromiseLike<Outcome> & Cancellable;

interface Outcome {
  readonly data: unknown;
  readonly error: {
    readonly code?: string;
    readonly message?: string;
    readonly details?: string | null;
    readonly hint?: string | null;
  } | null;
  readonly count: number | null;
  readonly status: number;
}

interface Cancellable {
  abortSignal(signal: AbortSignal): Cancellable;
  retry(enabled: boolean): Cancellable;
}

/** A server, asked once for each call: what to do about a refusal is decided elsewhere. */
export interface Rest {
  readonly settings: Settings;
  rows(ask: Ask, signal: AbortSignal): Promise<Reply>;
  /** The description of the schema at the root, as one row. */
  root(signal: AbortSignal): Promise<Reply>;
}

interface Seen {
  /** Of the body, about: characters. */
  readonly bytes: number;
  readonly retryAfterMs: number | undefined;
}

/** Loads the client (not before: it takes a while) and makes one for these settings. */
export async function connectRest(settings: Settings): Promise<Rest> {
  const [{ createClient }, { WebSocket }] = await Promise.all([
    import('@supabase/supabase-js'),
    import('ws'),
  ]);
  const { url, key, schema, timeoutMs } = settings;
  // What the client does not pass on: sizes, and how long the server asks to wait.
  const seen = new WeakMap<AbortSignal, Seen>();
  const observed: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    // Read to its end here, so that a connection cut in the body is an error of the connection; and only once, for speed.
    const body = await response.text();
    if (init?.signal)
      seen.set(init.signal, {
        bytes: body.length,
        retryAfterMs: waitAsked(response.headers.get('retry-after')),
      });
    return Object.defineProperty(response, 'text', { value: async () => body });
  };
  const client: SupabaseClient = createClient(url, key, {
    // biome-ignore lint/suspicious/noExplicitAny: the name of a schema is known at run time only
    db: { schema: schema as any },
    accessToken: async () => key,
    // Never used; but Node 20 has no WebSocket of its own, and the client wants one.
    realtime: { transport: WebSocket as never },
    global: { fetch: observed },
  });

  async function timed(signal: AbortSignal, work: (signal: AbortSignal) => PromiseLike<Outcome>) {
    signal.throwIfAborted();
    const started = performance.now();
    const own = new AbortController();
    const end = () => own.abort();
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener('abort', end);
    try {
      const outcome = await work(own.signal);
      signal.throwIfAborted();
      const ms = performance.now() - started;
      return toReply(outcome, seen.get(own.signal), { ms, timedOut: own.signal.aborted, timeoutMs, key });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }
  return {
    settings,
    rows: (ask, signal) =>
      timed(signal, (own) => {
        const request = ask(client);
        request.retry(false).abortSignal(own);
        return request;
      }),
    root: (signal) =>
      timed(signal, async (own) => {
        try {
          const response = await observed(`${url}/rest/v1/`, {
            headers: {
              apikey: key,
              authorization: `Bearer ${key}`,
              accept: 'application/openapi+json, application/json',
              'accept-profile': schema,
            },
            signal: own,
          });
          const body = JSON.parse(await response.text());
          return response.ok
            ? { data: [body], error: null, count: null, status: response.status }
            : { data: null, error: body, count: null, status: response.status };
        } catch (cause) {
          const reason = cause instanceof Error && cause.cause ? cause.cause : cause;
          return { data: null, error: { message: String(reason) }, count: null, status: 0 };
        }
      }),
  };
}

function toReply(
  { data, error, count, status }: Outcome,
  seen: Seen | undefined,
  of: { ms: number; timedOut: boolean; timeoutMs: number; key: string },
): Reply {
  if (!error && Array.isArray(data))
    return {
      answer: {
        rows: data,
        count: count === null || Number.isNaN(count) ? undefined : count,
        bytes: seen?.bytes ?? 0,
        ms: of.ms,
      },
    };
  const said = (text: string | null | undefined) => text?.replaceAll(of.key, '***').slice(0, 500);
  const broken = status >= 200 && status < 300;
  return {
    refusal: {
      status: broken ? 0 : status,
      code: (!broken && error?.code) || '',
      message: of.timedOut
        ? `no whole answer within ${of.timeoutMs / 1000} s`
        : broken
          ? // The client gives the body itself as the message: rows, which belong into no log.
            'the answer is no whole JSON'
          : (said(/Caused by: (.*)/.exec(error?.details ?? '')?.[1] ?? error?.message) ?? 'no reason given'),
      hint: said(error?.hint) || undefined,
      retryAfterMs: seen?.retryAfterMs,
    },
  };
}
