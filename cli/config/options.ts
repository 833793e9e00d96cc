import type { Relation } from '../database/identifiers.js';
import type { Source } from '../sources/source.js';
import type { DeletePolicy, LoadStrategy, Materialization } from './define.js';
import type { Grants } from './grants.js';
import type { PublicKey } from './public-key.js';
import type { DeclaredPolicy } from './rls.js';

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
}

export interface Layer {
  readonly name: string;
  readonly schema: string;
  /** 0 for bronze; data flows from lower to higher. */
  readonly rank: number;
  readonly materialized: Materialization;
  readonly tags: readonly string[];
  readonly grants: Grants;
  /** Whether PostgREST is to serve its schema. */
  readonly expose: boolean;
  /** Row-level security for its tables; null: none. */
  readonly rls: readonly DeclaredPolicy[] | null;
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

/** When the project is run by itself, and how. Times are in milliseconds. */
export interface ScheduleOptions {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly command: 'build' | 'load' | 'run';
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly catchUp: 'last' | 'all' | 'none';
  readonly overlap: 'skip' | 'queue';
  readonly onCrash: 'skip' | 'rerun';
  readonly jitterMs: number;
  /** Undefined: a run takes as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly retryDelayMs: number;
}

/** What `mdl serve` offers. */
export interface ServeOptions {
  readonly schemas: readonly string[];
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
}

/** What `mdl generate` writes. */
export interface GenerateOptions {
  /** Relative to projectDir, or absolute. */
  readonly dir: string;
  /** Schemas of the types for Kysely. */
  readonly schemas: readonly string[];
}

/** Configuration, environment and flags, met once and frozen; nothing below asks for defaults again. */
export interface Options {
  readonly projectDir: string;
  /** Relative to projectDir. */
  readonly configFile: string;
  readonly name: string;
  readonly target: string;
  /** Undefined: the embedded Postgres. */
  readonly database: string | undefined;
  readonly layers: ReadonlyMap<string, Layer>;
  readonly bronze: ReadonlyMap<string, BronzeTable>;
  readonly postgrest: { readonly role: string; readonly schemas: readonly string[] | undefined };
  readonly vars: Readonly<Record<string, unknown>>;
  readonly threads: number;
  readonly serve: ServeOptions;
  readonly schedules: readonly ScheduleOptions[];
  readonly generate: GenerateOptions;
  readonly statementTimeout: string | undefined;
  readonly publishTimeoutMs: number;
}
