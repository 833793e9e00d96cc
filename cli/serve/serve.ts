import type { AddressInfo } from 'node:net';
import { openDatabase } from '../build/open-database.js';
import type { Options } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import { errorCode, postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import type { Catalog } from './catalog/catalog.js';
import { createApp } from './http/app.js';
import { createAuthenticator } from './http/auth/authenticate.js';
import { Executor } from './http/execute.js';
import { Gate } from './http/gate.js';
import { CatalogWatch } from './watch.js';

/** What the server tells while it runs. */
export type ServeEvent =
  | {
      readonly event: 'serve.started';
      readonly url: string;
      readonly database: string;
      readonly role: string;
      /** `gold.vendas_por_mes`, in the order of the names. */
      readonly relations: readonly string[];
    }
  | { readonly event: 'serve.refreshed'; readonly relations: number }
  /** So many requests had no answer yet when the time to end was over. */
  | { readonly event: 'serve.cut'; readonly requests: number }
  | { readonly event: 'serve.failed'; readonly error: unknown };

export interface Server {
  readonly url: string;
  /** Answers what has been asked and then stops. */
  close(): Promise<void>;
}

/**
 * Serves the exposed schemas over HTTP until it is closed.
 * @throws MedallionError MDL2001, MDL2002, MDL2004 (the database), MDL6001 (the address is taken), MDL6002 (the role), MDL6003 (a transaction pooler)
 */
export async function serve(options: Options, emit: (event: ServeEvent) => void): Promise<Server> {
  const { role, schemas, connections, statementTimeout, host, port, queue, maxCost, ...settings } =
    options.serve;
  const database = await openDatabase(options);
  try {
    if (database.isPooled)
      throw new MedallionError('MDL6003', {
        message: `${database.description} is behind a transaction pooler.`,
      });
    const reader = database.connect({
      max: connections,
      applicationName: 'mdl serve',
      readerRole: role,
      statementTimeout,
    });
    await requireRole(reader, role);
    const own = database.connect({ max: 2, applicationName: 'mdl serve' });
    const watch = await CatalogWatch.start(own, {
      schemas,
      cacheBytes: settings.cacheMiB * 2 ** 20,
      onRefresh: (catalog) => emit({ event: 'serve.refreshed', relations: relationNames(catalog).length }),
      onFailure: (error) => emit({ event: 'serve.failed', error }),
    });
    const app = await createApp({
      ...settings,
      catalog: () => watch.catalog,
      answers: () => watch.answers,
      settled: () => watch.settled(),
      authenticate: await createAuthenticator(settings.auth),
      executor: new Executor(reader, new Gate(connections, queue), maxCost),
      isReady: () =>
        reader`select`.then(
          () => true,
          () => false,
        ),
      onError: (error) => emit({ event: 'serve.failed', error }),
    });
    await app.fastify.listen({ host, port });
    const address = app.fastify.server.address() as AddressInfo;
    const url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
    emit({
      event: 'serve.started',
      url,
      database: database.description,
      role,
      relations: relationNames(watch.catalog),
    });
    return {
      url,
      async close() {
        watch.close();
        const requests = await app.drain();
        if (requests > 0) emit({ event: 'serve.cut', requests });
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    if (errorCode(error) === 'EADDRINUSE')
      throw new MedallionError('MDL6001', { message: `${host}:${port} is taken.`, cause: error });
    throw error;
  }
}

function relationNames({ relations }: Catalog): string[] {
  return [...relations.values()].flatMap((inSchema) =>
    [...inSchema.values()].map(({ schema, name }) => `${schema}.${name}`),
  );
}

async function requireRole(reader: Sql, role: string): Promise<void> {
  try {
    await reader`select`;
  } catch (cause) {
    const known = postgresError(cause);
    if (!known || !['22023', '42501', '42704'].includes(known.sqlstate)) throw cause;
    throw new MedallionError('MDL6002', {
      message: `The role "${role}" cannot be used: ${known.message}.`,
      hint: `Name one with serve: { role: '...' } in the configuration, and give it rights with grants; a build on the embedded server makes it.`,
      cause,
      postgres: known,
    });
  }
}
