import type { Socket } from 'node:net';
import postgres from 'postgres';
import { MedallionError } from '../errors/index.js';
import { arrayTypes } from './array-types.js';
import { endWithConnection, renewed } from './lost-connections.js';
import { settingsPerTransaction } from './pooled.js';
import { postgresError } from './postgres-error.js';
import type { Sql } from './sql.js';
import { withoutForeignParameters } from './supabase.js';

export type { Queryable, Sql, Transaction } from './sql.js';

/** int8 arrives as a number: the engine's counts stay far under 2^53. User data is read as text. */
const engineTypes = { bigint: { to: 20, from: [20], parse: Number, serialize: String } };

export interface ConnectOptions {
  readonly url: string;
  /** Connections at most; they are opened when needed. */
  readonly max: number;
  /** Shown in pg_stat_activity, and how a later run recognises connections that a killed one left behind. */
  readonly applicationName: string;
  readonly statementTimeout?: string | undefined;
  /**
   * How long settings hold. `session` (default): they are part of the connection. `transaction`: a pooler stands between, which gives each transaction any
   * connection; they are set in each, and nothing is prepared. `none`: for the first question, when it is not known yet.
   */
  readonly settings?: 'session' | 'transaction' | 'none';
  /** Every transaction only reads, with the rights of this role. */
  readonly readerRole?: string | undefined;
  /** Makes the connection itself: only for one host, and without TLS. */
  readonly socket?:
    | ((address: {
        readonly host: readonly string[];
        readonly port: readonly number[];
        readonly path?: string | false | undefined;
      }) => Promise<Socket>)
    | undefined;
  /** How values are read and written. Default: the engine's way, int8 as numbers. */
  readonly types?: Readonly<Record<string, postgres.PostgresType>> | undefined;
  /** Others write the statements, and may ask for arrays of any type. Default: those that the engine needs. */
  readonly everyArray?: boolean;
  /** Commits do not wait for the disk: for work that counts only once a later, waiting transaction publishes it. */
  readonly asynchronousCommit?: boolean;
  /** A lost connection is replaced at once by one that works. Not for a pool whose session means something, such as a lock. */
  readonly renew?: boolean;
  /** See `Server`. */
  readonly noticesLostClients?: boolean;
  /** Told of each connection that ends, however it does. */
  readonly onClose?: () => void;
}

export const oldestServer = 140_000;

/** A pool of connections; nothing is opened before the first statement. */
export function connect(options: ConnectOptions): Sql {
  const kind = options.settings ?? 'session';
  const open = () => endWithConnection(openPool(options, kind));
  const sql = options.renew ? renewed(open) : open();
  // Some poolers call every connection by their own name: a run must find its own again, to cancel it.
  return kind === 'transaction'
    ? settingsPerTransaction(sql, { ...settingsOf(options), application_name: options.applicationName })
    : sql;
}

function openPool(options: ConnectOptions, kind: NonNullable<ConnectOptions['settings']>): Sql {
  return postgres(withoutForeignParameters(options.url), {
    max: options.max,
    // A connection that is given up after half an hour, as by default, would take a run's lock with it.
    max_lifetime: null,
    ...singleHost(options.url),
    types: options.types ?? (options.everyArray ? engineTypes : { ...engineTypes, ...arrayTypes }),
    fetch_types: options.everyArray ?? options.types !== undefined,
    onnotice: () => {},
    ...(options.onClose && { onclose: options.onClose }),
    connect_timeout: 15,
    // The types do not know it.
    ...({ socket: options.socket } as object),
    prepare: kind === 'session',
    connection: {
      application_name: options.applicationName,
      ...(kind === 'session' && { ...sessionSettings(options), ...settingsOf(options) }),
    },
  }) as unknown as Sql;
}

/** What only a connection of one's own can have. */
function sessionSettings({ noticesLostClients }: ConnectOptions): Readonly<Record<string, string>> {
  return {
    // The database may have another default, under which batches of one load would be in each other's way.
    default_transaction_isolation: 'read committed',
    // What a killed process or a cut connection left running ends within a second, and with it the locks that a retry waits for.
    ...(noticesLostClients && { client_connection_check_interval: '1s' }),
  };
}

function settingsOf(options: ConnectOptions): Readonly<Record<string, string>> {
  return {
    // Models must mean the same for everyone who builds them.
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'postgres',
    ...(options.asynchronousCommit && { synchronous_commit: 'off' }),
    ...(options.readerRole !== undefined && {
      default_transaction_read_only: 'on',
      role: options.readerRole,
      // As PostgREST tells policies who asks.
      'request.jwt.claims': JSON.stringify({ role: options.readerRole }),
    }),
    ...(options.statementTimeout && { statement_timeout: options.statementTimeout.replace(' ', '') }),
  };
}

/**
 * The embedded server's URL names its socket folder twice so that both psql and postgres.js read it as a folder. Here it must be one host:
 * with several, postgres.js leaves a connection's first statement pending forever when that connection dies (`error` in its connection.js).
 */
function singleHost(url: string): { host?: string } {
  const hosts = new Set(/^[a-z]+:\/\/(?:[^@/]*@)?([^/?]*)/.exec(url)?.[1]?.split(','));
  const [host] = hosts;
  return host?.startsWith('%2F') && hosts.size === 1 ? { host: decodeURIComponent(host) } : {};
}

/** Who answers at an address. */
export interface Server {
  /** As Postgres counts it, e.g. 180004. */
  readonly version: number;
  /** A pooler stands between, and a connection may be another one in the next transaction. */
  readonly isPooled: boolean;
  /** It can look, while a statement runs, whether there is still somebody who waits for it. */
  readonly noticesLostClients: boolean;
}

/**
 * Asks the server who it is: the first statement of every command, so errors of reaching it surface here.
 * @param hint what may be done when it cannot be reached
 * @throws MedallionError MDL2001, MDL2002, MDL2004
 */
export async function checkServer(sql: Sql, description: string, hint?: string): Promise<Server> {
  let version: number;
  let isPooled: boolean;
  let noticesLostClients: boolean;
  try {
    const rows = await sql<{ version: number; pid: number; linux: boolean }[]>`
      select current_setting('server_version_num')::int as version, pg_backend_pid() as pid, version() like '%linux%' as linux`;
    version = rows[0]!.version;
    // Other systems refuse the setting (client_connection_check_interval), some of them with newer versions only.
    noticesLostClients = rows[0]!.linux;
    // A pooler hands out process numbers of its own. Session pooling is not told apart: what works for transactions works for sessions.
    isPooled = (rows as unknown as { state: { pid: number } }).state.pid !== rows[0]!.pid;
  } catch (cause) {
    throw connectionError(cause, description, hint);
  }
  if (version < oldestServer) {
    throw new MedallionError('MDL2004', {
      message: `${description} is Postgres ${Math.floor(version / 10_000)}; Medallion needs 14 or newer.`,
    });
  }
  return { version, isPooled, noticesLostClients };
}

function connectionError(cause: unknown, description: string, hint: string | undefined): MedallionError {
  const known = postgresError(cause);
  if (known && ['28P01', '28000', '3D000'].includes(known.sqlstate)) {
    return new MedallionError('MDL2002', {
      message: `${description} refused the login: ${known.message}`,
      cause,
      postgres: known,
    });
  }
  const reason =
    known?.message ??
    (cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code) : String(cause));
  return new MedallionError('MDL2001', {
    message: `${description} cannot be reached: ${reason}`,
    hint,
    cause,
    postgres: known,
  });
}

/** Host and database of a connection string: what may be shown, without user and password. */
export function describeUrl(url: string): string {
  const match = /^[a-z]+:\/\/(?:[^@/]*@)?([^/?]*)\/?([^?]*)/.exec(url);
  if (!match) return 'the database';
  const hosts = [...new Set((match[1] || 'localhost').split(','))].map(decodeURIComponent).join(',');
  return `${hosts}${match[2] ? `/${decodeURIComponent(match[2])}` : ''}`;
}
