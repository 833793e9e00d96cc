import { randomUUID } from 'node:crypto';
import type { Options } from '../config/options.js';
import { type ConnectOptions, checkServer, connect, describeUrl, type Sql } from '../database/connect.js';
import { acquireEmbedded } from '../database/embedded/index.js';
import { unreachableHint } from '../database/supabase.js';

/** A project's database, reached. */
export interface ProjectDatabase {
  readonly url: string;
  /** For people: no password in it. */
  readonly description: string;
  readonly isEmbedded: boolean;
  /** As Postgres counts it, e.g. 180004. */
  readonly serverVersion: number;
  /** A pooler stands between: nothing holds longer than a transaction. */
  readonly isPooled: boolean;
  /** Tells this command's connections from those of others in pg_stat_activity. */
  readonly token: string;
  /** A pool; what it opens is closed by `close`. */
  connect(options: Omit<ConnectOptions, 'url' | 'settings' | 'noticesLostClients'>): Sql;
  /** Closes every pool and leaves the embedded server, which stops when nobody else uses it. */
  close(): Promise<void>;
}

/**
 * Reaches the database of a project; without `database` in its configuration the embedded Postgres, which is started when it does not run.
 * @throws MedallionError MDL2001, MDL2002, MDL2004, MDL2101, MDL2102
 */
export async function openDatabase(options: Options): Promise<ProjectDatabase> {
  const name = (options.environment?.production ?? options).name;
  const embedded =
    options.database === undefined
      ? await acquireEmbedded({ projectDir: options.projectDir, database: name })
      : undefined;
  const url = embedded?.url(name) ?? options.database!;
  const pools: Sql[] = [];
  let noticesLostClients = false;
  let settings: NonNullable<ConnectOptions['settings']> = 'none';
  const database: Omit<ProjectDatabase, 'serverVersion' | 'isPooled' | 'description'> = {
    url,
    isEmbedded: embedded !== undefined,
    token: randomUUID().slice(0, 8),
    connect(pool) {
      const sql = connect({ url, settings, noticesLostClients, ...pool });
      pools.push(sql);
      return sql;
    },
    async close() {
      await Promise.all(pools.map((sql) => sql.end({ timeout: 5 })));
      await embedded?.release();
    },
  };
  try {
    const probe = database.connect({ max: 1, applicationName: 'mdl' });
    const server = await checkServer(
      probe,
      embedded ? 'The embedded Postgres' : describeUrl(url),
      unreachableHint(url),
    );
    const { version: serverVersion, isPooled } = server;
    noticesLostClients = server.noticesLostClients;
    settings = isPooled ? 'transaction' : 'session';
    const version = Math.floor(serverVersion / 10_000);
    return {
      ...database,
      serverVersion,
      isPooled,
      description: embedded
        ? `embedded Postgres ${version} (.medallion/postgres)`
        : `Postgres ${version} at ${describeUrl(url)}`,
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
