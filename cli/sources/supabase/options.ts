import { MedallionError } from '../../errors/index.js';

export interface SupabaseOptions {
  /** The project's address, `https://<ref>.supabase.co`; any server that answers as PostgREST below `/rest/v1`. */
  readonly url: string | undefined;
  /** A secret key or the `service_role` key: with `anon` or a publishable key, row-level security hides rows. */
  readonly key: string | undefined;
  /** The schema to read; it must be exposed. Default: `public`. */
  readonly schema?: string;
  /** What to know of tables where the server does not tell it; named here, these are the tables of the source. */
  readonly tables?: Readonly<Record<string, SupabaseTableOptions>>;
  /** Rows to ask for in a request at most; a server may give fewer. Default: 200,000. */
  readonly pageRows?: number;
  /** Requests for one table at a time. Default: 4. */
  readonly parallel?: number;
  /** Seconds that one request may take. Default: 60. */
  readonly timeout?: number;
  /** Seconds without one good answer after which a load fails. Default: 300. */
  readonly giveUpAfter?: number;
}

export interface SupabaseTableOptions {
  /** The columns that identify a row: unique together, and never null. */
  readonly key?: string | readonly string[];
  /** The columns to read. Default: all. */
  readonly columns?: readonly string[];
}

/** The options with their defaults, checked. */
export interface Settings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string;
  readonly schema: string;
  readonly tables: SupabaseOptions['tables'];
  readonly pageRows: number;
  readonly parallel: number;
  readonly timeoutMs: number;
  readonly giveUpMs: number;
  /** `ref.supabase.co/public`: for messages. */
  readonly shownAs: string;
}

const numbers = {
  pageRows: { standard: 200_000, least: 1, most: 1_000_000 },
  parallel: { standard: 4, least: 1, most: 16 },
  timeout: { standard: 60, least: 0.1, most: 3600 },
  giveUpAfter: { standard: 300, least: 0, most: 86_400 },
} as const;

const known = new Set(['url', 'key', 'schema', 'tables', ...Object.keys(numbers)]);

const wrong = (message: string, hint?: string) =>
  new MedallionError('MDL1003', { message: `supabase({ ... }): ${message}`, hint });

/** @throws MedallionError MDL1003 for what is wrong whatever the environment */
export function checkOptions(options: SupabaseOptions): void {
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw wrong(`there is no setting "${unknown}".`, `Known: ${[...known].join(', ')}.`);
  for (const [name, { least, most }] of Object.entries(numbers)) {
    const value = options[name as keyof typeof numbers];
    if (value !== undefined && !(typeof value === 'number' && value >= least && value <= most))
      throw wrong(`${name} must be a number from ${least} to ${most}.`);
  }
}

/**
 * The settings; only now, so that commands that read no source need no key.
 * @throws MedallionError MDL1003 when url or key is missing or cannot be one
 */
export function settingsOf(options: SupabaseOptions): Settings {
  const { url, key, schema = 'public' } = options;
  const needed =
    "Both are on the project's page under Settings > API keys; give them by the environment, not in the file.";
  if (!url) throw wrong('url is empty: is the environment variable set?', needed);
  if (!key) throw wrong('key is empty: is the environment variable set?', needed);
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !/^https?:$/.test(address.protocol))
    throw wrong('url must be an address such as https://abcd.supabase.co.', needed);
  // A header cannot carry anything else, and the refusal of fetch would show the key.
  if (!/^[\x21-\x7e]+$/.test(key)) throw wrong('key holds characters that no key has.', needed);
  const seconds = (name: 'timeout' | 'giveUpAfter') => (options[name] ?? numbers[name].standard) * 1000;
  return {
    url: `${address.origin}${address.pathname}`.replace(/\/+(rest\/v1\/*)?$/, ''),
    key,
    schema,
    tables: options.tables,
    pageRows: Math.round(options.pageRows ?? numbers.pageRows.standard),
    parallel: Math.round(options.parallel ?? numbers.parallel.standard),
    timeoutMs: seconds('timeout'),
    giveUpMs: seconds('giveUpAfter'),
    shownAs: `${address.host}/${schema}`,
  };
}
