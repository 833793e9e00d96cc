import type { Relation } from '../database/identifiers.js';
import type { Source } from '../sources/source.js';
import type { AttemptOptions } from './attempts.js';
import type { DeletePolicy, LayerMaterialization, LoadStrategy } from './define.js';
import type { Distribution } from './distribution.js';
import type { Grants } from './grants.js';
import type { HookOptions } from './hooks-schema.js';
import type { ChannelOptions } from './notify-schema.js';
import type { PublicKey } from './public-key.js';
import type { DeclaredPolicy } from './rls.js';
import type { Text } from './text.js';

/** One bronze table to load, every default filled in. */
export interface BronzeTable {
  /** `bronze.clientes` */
  readonly node: string;
  readonly relation: Relation;
  /** `loja.clientes` */
  readonly from: string;
  readonly source: Source;
  readonly sourceTable: string;
  readonly key: readonly string[];
  readonly strategy: LoadStrategy;
  /** The column that incremental loads go by. */
  readonly cursor?: string | undefined;
  readonly deletes: DeletePolicy;
  readonly batchRows: number;
  readonly maxRejects: number;
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly grants: Grants;
  /** Over the nodes of a Citus cluster; null: the table is on one node. */
  readonly distribution: Distribution | null;
  readonly attempts: AttemptOptions;
}

export interface Layer {
  readonly name: string;
  readonly schema: string;
  /** 0 for bronze; data flows from lower to higher. */
  readonly rank: number;
  readonly materialized: LayerMaterialization;
  readonly tags: readonly string[];
  readonly grants: Grants;
  /** Whether PostgREST is to serve its schema. */
  readonly expose: boolean;
  /** Row-level security for its tables; null: none. */
  readonly rls: readonly DeclaredPolicy[] | null;
  /** Of its models, where those do not say. */
  readonly attempts: AttemptOptions;
}

/** What flags of the command line may override. */
export interface Overrides {
  readonly target?: string | undefined;
  readonly vars?: Readonly<Record<string, unknown>> | undefined;
  readonly threads?: number | undefined;
}

/** What tokens are checked with. */
export interface JwtOptions {
  readonly secret: string | Uint8Array | undefined;
  readonly publicKey: PublicKey | undefined;
  readonly jwks: string | { readonly keys: readonly object[] } | undefined;
  readonly audience: readonly string[] | undefined;
  readonly issuer: readonly string[] | undefined;
  /** The way to the claim: names joined with `.`. */
  readonly roleClaim: string;
  /** In seconds. */
  readonly clockSkew: number;
}

/** Keys and tokens that say who asks. */
export interface AuthOptions {
  readonly keys: readonly { readonly key: string; readonly role: string }[];
  readonly jwt: JwtOptions | undefined;
  readonly anonymous: boolean;
}

/** How runs are carried out that nobody watches. Times are in milliseconds. */
export interface UnattendedOptions {
  /** Of the schedule or trigger. */
  readonly name: string;
  readonly command: 'build' | 'load' | 'run';
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  /** Undefined: a run takes as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly whenBusy: 'wait' | 'skip';
  /** Undefined: as long as it takes. */
  readonly maxWaitMs: number | undefined;
  readonly onCrash: 'skip' | 'rerun' | 'resume';
}

/** When the project is run by itself. */
export interface ScheduleOptions extends UnattendedOptions {
  readonly cron: string;
  readonly timezone: string;
  readonly catchUp: 'last' | 'all' | 'none';
  readonly overlap: 'skip' | 'queue' | 'cancel';
  readonly jitterMs: number;
}

/** What else begins runs. */
export type TriggerOptions = UnattendedOptions & {
  /** The channel, the pattern relative to the project, or the path of the webhook. */
  readonly watches: string;
  readonly debounceMs: number;
} & ({ readonly kind: 'listen' | 'files' } | { readonly kind: 'webhook'; readonly secret: string });

/** A page of charts, in the order of the configuration. */
export interface DashboardOptions {
  readonly name: string;
  readonly title?: Text | undefined;
  readonly description?: Text | undefined;
  /** What it shows at first, counted back from the last day of the data: `12 months`. */
  readonly range?: string | undefined;
}

/** What `mdl serve` offers. */
export interface ServeOptions {
  readonly schemas: readonly string[];
  /** Of an environment, by such a schema: the one whose relations are shown in place of those of the same name. */
  readonly fronts: ReadonlyMap<string, string>;
  readonly role: string;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Undefined: no limit. */
  readonly maxRows: number | undefined;
  readonly aggregates: boolean;
  readonly maxDepth: number;
  readonly connections: number;
  readonly statementTimeout: string;
  readonly queue: number;
  /** Undefined: no limit. */
  readonly maxCost: number | undefined;
  /** Requests of one address in a minute; undefined: no limit. */
  readonly rateLimit: number | undefined;
  readonly trustProxy: boolean | readonly string[];
  /** Undefined: pages of this machine. */
  readonly cors?: '*' | readonly string[] | undefined;
  /** Undefined: everyone is anonymous. */
  readonly auth: AuthOptions | undefined;
  /** 0: nothing is kept. */
  readonly cacheMiB: number;
  /** Whether plans are told. */
  readonly plan: boolean;
  /** Whether there is the web app. */
  readonly ui: boolean;
  /** The key with which an operator signs in to the web app; undefined: nobody can. */
  readonly admin?: string | undefined;
  /** Where people reach it, without a slash at the end; undefined: links to it are not made. */
  readonly publicUrl?: string | undefined;
  /** Whether there is `/metrics`. */
  readonly metrics: boolean;
  /** Who has it may read the metrics from anywhere; undefined: who has `admin`. */
  readonly metricsKey?: string | undefined;
  /** Of the web app; undefined: the project's name. */
  readonly title?: Text | undefined;
  /** What money is in, as ISO 4217 names it. */
  readonly currency?: string | undefined;
  /** What columns are called in the web app. */
  readonly labels: Readonly<Record<string, Text>>;
}

/** What `mdl generate` writes. */
export interface GenerateOptions {
  /** Relative to projectDir, or absolute. */
  readonly dir: string;
  /** Schemas of the types for Kysely. */
  readonly schemas: readonly string[];
}

/** Where traces are sent, and which. What is undefined is left to the variables `OTEL_…`. */
export interface TraceOptions {
  /** Unless `OTEL_SERVICE_NAME` says otherwise. */
  readonly service: string;
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly sampleRatio: number | undefined;
  /** `TRACEPARENT`: what a run is a part of. */
  readonly parent: string | undefined;
  /** The environment says how long a sending may take. */
  readonly hasTimeout: boolean;
}

/** Past runs that are kept: those of either kind. */
export interface HistoryOptions {
  /** So many of the latest; null: all. */
  readonly keepRuns: number | null;
  readonly keepDays: number;
}

/** Of a target that builds only what differs from another one; see docs/environments.md. */
export interface EnvironmentOptions {
  /** The project as the target that is read from has it: its name, layers and bronze tables; variables and target are the environment's. */
  readonly production: Options;
  /** The name of that target. */
  readonly from: string;
  /** Whether the roles of the layers may read the environment too. */
  readonly grants: boolean;
}

/** Configuration, environment and flags, met once and frozen; nothing below asks for defaults again. */
export interface Options {
  readonly projectDir: string;
  /** Relative to projectDir. */
  readonly configFile: string;
  /** Under which the database keeps what it knows of the project; of an environment `loja@dev`. */
  readonly name: string;
  readonly target: string;
  /** All that `--target` takes. */
  readonly targets: readonly string[];
  /** Undefined: the target stands for itself. */
  readonly environment?: EnvironmentOptions | undefined;
  /** Undefined: the embedded Postgres. */
  readonly database: string | undefined;
  readonly layers: ReadonlyMap<string, Layer>;
  readonly bronze: ReadonlyMap<string, BronzeTable>;
  readonly postgrest: { readonly role: string; readonly schemas: readonly string[] | undefined };
  readonly vars: Readonly<Record<string, unknown>>;
  readonly threads: number;
  readonly serve: ServeOptions;
  readonly dashboards: readonly DashboardOptions[];
  readonly schedules: readonly ScheduleOptions[];
  readonly hooks: HookOptions;
  readonly channels: readonly ChannelOptions[];
  readonly triggers: readonly TriggerOptions[];
  readonly generate: GenerateOptions;
  readonly history: HistoryOptions;
  /** Undefined: there are none. */
  readonly traces: TraceOptions | undefined;
  readonly statementTimeout: string | undefined;
  /** Where nothing nearer says so. */
  readonly attempts: AttemptOptions;
  readonly publishTimeoutMs: number;
}
