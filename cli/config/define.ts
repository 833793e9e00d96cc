import type { Source } from '../sources/source.js';
import type { AttemptConfig } from './attempts.js';
import type { HooksConfig } from './define-hooks.js';
import type { ChannelConfig } from './define-notify.js';
import type { ScheduleConfig } from './define-schedule.js';
import type { HistoryConfig, MetricsConfig, TelemetryConfig } from './define-telemetry.js';
import type { TriggerConfig } from './define-triggers.js';
import type { Text } from './text.js';

/** `delta`: only rows that differ are written; `swap`: the new relation takes the place of the old one. */
export type PublishWay = 'auto' | 'delta' | 'swap';
export type Materialization =
  | 'table'
  | 'view'
  | 'materialized_view'
  | 'incremental'
  | 'snapshot'
  | 'ephemeral';
/** What all models of a layer may be: incremental models and snapshots need settings of their own. */
export type LayerMaterialization = Exclude<Materialization, 'incremental' | 'snapshot'>;
/** What a whole extract does with bronze rows whose key the source no longer has. */
export type DeletePolicy = 'keep' | 'mark' | 'remove';
export type LoadStrategy = 'replace' | 'append' | 'upsert';

/** One bronze table: which source table it copies, and how. */
export interface BronzeConfig extends AttemptConfig {
  /** `<source>.<table>`, e.g. `loja.clientes`. */
  readonly from: string;
  /** The column or columns that identify a row; needed by `upsert`. */
  readonly key?: string | readonly string[];
  /** `replace` (default): the copy is made anew and swapped in. `append`: rows are added. `upsert`: changed rows are updated by `key`. */
  readonly load?: LoadStrategy;
  /**
   * A column that only rises (a time of change, a serial number): later loads ask the source for rows from its last value on. Needs `upsert`.
   * Sources that are read as a whole (files) ignore it.
   */
  readonly cursor?: string;
  /**
   * Rows that have left the source, found by a load of all of it. `keep` (default): they stay. `mark`: `row_deleted_at` says since when. `remove`: they go.
   * Needs `upsert`.
   */
  readonly deletes?: DeletePolicy;
  /** Rows in a batch; each batch is committed with its bookkeeping. Default 10,000. */
  readonly batchRows?: number;
  /** Rows that may be rejected before the load fails. Default: the project's `maxRejects`. */
  readonly maxRejects?: number;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** On a Citus cluster: the column whose values decide on which node a row lives; it has to be part of `key`. Ignored elsewhere; see docs/scale-out.md. */
  readonly distributeBy?: string;
  /** On a Citus cluster: `reference` gives every node all of the table. Ignored elsewhere. */
  readonly distribute?: 'reference';
}

/** Settings for all models of one layer; front matter of a model overrides them. */
export interface LayerConfig extends AttemptConfig {
  readonly materialized?: LayerMaterialization;
  /** The Postgres schema; default: the layer's name. */
  readonly schema?: string;
  readonly tags?: readonly string[];
  /** PostgREST, Supabase's API, serves the layer's schema; see docs/config.md. Default false. */
  readonly expose?: boolean;
  /** Row-level security on the layer's tables; `true` without policies lets nobody read but the owner. Default false. */
  readonly rls?: boolean | RowSecurityConfig;
}

/** A policy of row-level security; a bare condition is for everyone. `check` is for rows that are written, `using` for those that are there. */
export type PolicyConfig =
  | string
  | boolean
  | {
      readonly to?: string | readonly string[];
      readonly using?: string | boolean;
      readonly check?: string | boolean;
    };

/** Policies by what they allow; several for one command: one of them has to allow it. */
export type RowSecurityConfig = Readonly<
  Partial<Record<'select' | 'insert' | 'update' | 'delete' | 'all', PolicyConfig | readonly PolicyConfig[]>>
>;

/** PostgREST in front of the database, for layers with `expose`. */
export interface PostgrestConfig {
  /** The role that it logs in with. Default `authenticator`. */
  readonly role?: string;
  /** Schemas that are exposed beside those of the layers; needed where the database does not say which are. */
  readonly schemas?: readonly string[];
}

/** Roles that are given rights on every relation of a layer at each publish; what is not asked for is not given. */
export interface GrantConfig {
  readonly select?: readonly string[];
  readonly insert?: readonly string[];
  readonly update?: readonly string[];
  readonly delete?: readonly string[];
}

/** What `--target name` overrides. */
export interface TargetConfig {
  readonly database?: string | undefined;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly threads?: number;
  /** Another target, or `'default'`: this one is an environment, which builds only what differs and reads the rest from there; see docs/environments.md. */
  readonly from?: string;
  /** Of an environment: its schemas, where `{schema}` stands for a layer's. Default `'{schema}__<target>'`. */
  readonly schemas?: string;
  /** Of an environment: whether the roles of `grants` and of row-level security may read it as they read the layers. Default false: only its owner may. */
  readonly grants?: boolean;
}

/** What `mdl serve` offers, and to whom; see docs/serve.md. */
export interface ServeConfig extends MetricsConfig {
  /** Schemas whose tables and views can be read; the first is the default. Default: those of the layers with `expose`, or of the last layer. */
  readonly schemas?: readonly string[];
  /** The database role that reads: it sees what `grants` lets it see. Default `anon`. */
  readonly role?: string;
  /** Default `127.0.0.1`: this machine only. */
  readonly host?: string;
  /** Default 3000. */
  readonly port?: number;
  /** Rows in one response at most, and in each embedded list; null: no limit. Default 1,000. */
  readonly maxRows?: number | null;
  /** `sum()`, `count()` and the like in `select`. Default false: they can be dear. */
  readonly aggregates?: boolean;
  /** Levels of parentheses in a URL. Default 10. */
  readonly maxDepth?: number;
  /** Connections to the database at most. Default 10. */
  readonly connections?: number;
  /** Longest time for one request's statement. Default `'10s'`. */
  readonly statementTimeout?: string;
  /** Requests that may wait for a connection; more are answered 503. Default 100. */
  readonly queue?: number;
  /** The planner's cost that a request may have at most; each is then planned before it is carried out. Default null: no limit. */
  readonly maxCost?: number | null;
  /** Requests of one client address in a minute; more are answered 429. Default null: no limit. */
  readonly rateLimit?: number | null;
  /** Addresses of proxies whose `X-Forwarded-For` is believed, or `true` for any. Default false. */
  readonly trustProxy?: boolean | readonly string[];
  /** Web pages that may ask, by origin (`https://shop.example`), or `*`. Default: pages of this machine. */
  readonly cors?: '*' | readonly string[];
  /** Who may ask, and with which role. Absent: everyone, with `role`. */
  readonly auth?: AuthConfig;
  /** MiB of answers that are kept in memory until the next publish; 0: none. Default 64. */
  readonly cacheMiB?: number;
  /** Whether `Accept: application/vnd.pgrst.plan` tells how Postgres would carry a request out. Default false. */
  readonly plan?: boolean;
  /** The web app: dashboards, explore, catalog, runs. Default true. */
  readonly ui?: boolean;
  /** The key with which an operator signs in to the web app, to start, cancel and retry runs. At least 16 characters. Default: nobody can. */
  readonly admin?: string | undefined;
  /** Where people reach it (`https://data.shop.example`): notifications link to runs there. Default: they have no link. */
  readonly publicUrl?: string | undefined;
  /** What the web app is called; by language where it has to be. Default: the project's name. */
  readonly title?: Text;
  /** What money is in, for charts with `format: currency`: `BRL`. */
  readonly currency?: string;
  /** What columns are called in the web app, by name: `{ receita: { en: 'Revenue', 'pt-BR': 'Receita' } }`. Default: their names. */
  readonly labels?: Readonly<Record<string, Text>>;
}

/** A page of charts, which models in front matter put there. */
export interface DashboardConfig {
  readonly title?: Text;
  readonly description?: Text;
  /** What it shows at first, counted back from the last day of the data: `'12 months'`. Default: everything. */
  readonly range?: string;
}

/** Keys and tokens that say who asks, and so which database role reads. */
export interface AuthConfig {
  /** Each stands for a role. At least 16 characters. */
  readonly keys?: readonly { readonly key: string | undefined; readonly role: string }[];
  /** JSON Web Tokens, checked with one or several of `secret`, `publicKey` and `jwks`. */
  readonly jwt?: {
    /** For HS256: at least 32 bytes. */
    readonly secret?: string | Uint8Array | undefined;
    /** In PEM: RSA for RS256, the curve P-256 for ES256. */
    readonly publicKey?: string | undefined;
    /** The address of a set of public keys, or the set itself: RS256 and ES256. */
    readonly jwks?: string | { readonly keys: readonly object[] } | undefined;
    /** One of these must be in the token's `aud`. */
    readonly audience?: string | readonly string[];
    readonly issuer?: string | readonly string[];
    /** The claim that names the role, e.g. `app_metadata.role`. Default `role`. */
    readonly roleClaim?: string;
    /** By how much clocks may differ. Default `'30 s'`. */
    readonly clockSkew?: string;
  };
  /** Whether requests that say nothing are answered, with `serve.role`. Default: only without `keys`. */
  readonly anonymous?: boolean;
}

/** What `mdl generate` writes, and where; see docs/generate.md. */
export interface GenerateConfig {
  /** A folder, relative to the project. Default `generated`. */
  readonly dir?: string;
  /** Schemas of the types for Kysely. Default: those of all layers, bronze included. The other files describe the schemas that `serve` exposes. */
  readonly schemas?: readonly string[];
}

/** What `medallion.config.ts` exports; see docs/config.md. */
export interface MedallionConfig {
  /** Lower-case letters, digits and `_`; names the project in the database. */
  readonly name: string;
  /** A Postgres connection string. Absent: an embedded Postgres in `.medallion/`. */
  readonly database?: string | undefined;
  readonly sources?: Readonly<Record<string, Source>>;
  /** Absent: every table of every source is loaded with `replace` under its own name. */
  readonly bronze?: Readonly<Record<string, BronzeConfig>>;
  /** The layers above bronze, in the order in which data flows. Default: silver, gold. */
  readonly layers?: Readonly<Record<string, LayerConfig>>;
  /** The schema of the bronze tables. Default `bronze`. */
  readonly bronzeSchema?: string;
  readonly grants?: Readonly<Record<string, GrantConfig>>;
  readonly postgrest?: PostgrestConfig;
  /** Values for `{{var "name"}}`; `--vars` overrides them. */
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly targets?: Readonly<Record<string, TargetConfig>>;
  /** The target without `--target`. */
  readonly defaultTarget?: string;
  /** Connections that build at the same time. Default 4. */
  readonly threads?: number;
  /** Rows that a load may reject before it fails. Default 0. */
  readonly maxRejects?: number;
  /** Longest time for one statement of a model, of a test or of `mdl show`, e.g. `'30min'`; default: the limit of the server or role, if it has one. */
  readonly statementTimeout?: string;
  /** How often models, loads and tests are tried again after what may pass, such as a lost connection. Default 0. */
  readonly retries?: number;
  /** Before the first retry; each further one waits twice as long, up to ten minutes or this if it is more. Default `'10 s'`. */
  readonly retryDelay?: string;
  readonly serve?: ServeConfig;
  /** One schedule, or several by name. */
  readonly schedule?: ScheduleConfig | Readonly<Record<string, ScheduleConfig>>;
  /** SQL and functions that are called when a run begins and ends. */
  readonly hooks?: HooksConfig;
  /** Who is told of runs, by name. */
  readonly notify?: Readonly<Record<string, ChannelConfig>>;
  /** What else begins runs, by name: a notification, a file, a webhook. */
  readonly triggers?: Readonly<Record<string, TriggerConfig>>;
  /** Pages of charts by name, in their order; pages that are not here come after. */
  readonly dashboards?: Readonly<Record<string, DashboardConfig>>;
  readonly generate?: GenerateConfig;
  /** Which past runs `medallion.runs` keeps. Default: 1,000, and those of 7 days. */
  readonly history?: HistoryConfig;
  readonly telemetry?: TelemetryConfig;
  /** How long a publish waits for readers that keep their locks. Default `'2min'`. */
  readonly publishTimeout?: string;
}

/** Types a configuration; returns it unchanged. */
export function defineConfig(config: MedallionConfig): MedallionConfig {
  return config;
}
