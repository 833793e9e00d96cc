import type { AddressInfo } from 'node:net';
import { openDatabase } from '../build/open-database.js';
import { runsChannel } from '../build/run-log.js';
import type { Options } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import { migrateIfMade } from '../database/migrations/index.js';
import { errorCode, postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import { openMetrics } from '../telemetry/metrics/open.js';
import { RequestCounts } from '../telemetry/metrics/request-counts.js';
import { openTracing } from '../telemetry/traces/open.js';
import type { Catalog } from './catalog/catalog.js';
import { type App, createApp } from './http/app.js';
import { createAuthenticator } from './http/auth/authenticate.js';
import { Executor } from './http/execute.js';
import { Gate } from './http/gate.js';
import { RequestCounter, Traffic } from './http/metrics.js';
import type { Webhooks } from './http/webhooks.js';
import { AccessRules } from './ui/access.js';
import { openUi } from './ui/open.js';
import type { Orchestration } from './ui/orchestration.js';
import { Sessions } from './ui/sessions.js';
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
 * @param orchestration carries out what operators ask for in the web app, and what webhooks trigger
 * @throws MedallionError MDL2001, MDL2002, MDL2004 (the database), MDL6001 (the address is taken), MDL6002 (the role), MDL6003 (a transaction pooler)
 */
export async function serve(
  options: Options,
  emit: (event: ServeEvent) => void,
  orchestration: Orchestration,
): Promise<Server> {
  const { role, schemas, fronts, connections, statementTimeout, host, port, queue, maxCost, ...settings } =
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
    // The web app reads what this mdl records; where nothing was ever built nothing is made.
    await migrateIfMade(own);
    let refreshes = 0;
    const watch = await CatalogWatch.start(own, {
      schemas,
      fronts,
      cacheBytes: settings.cacheMiB * 2 ** 20,
      onRefresh: (catalog) => {
        refreshes++;
        ui?.broadcast.tell({ event: 'published' });
        emit({ event: 'serve.refreshed', relations: relationNames(catalog).length });
      },
      onFailure: (error) => emit({ event: 'serve.failed', error }),
    });
    const ui = settings.ui ? openUi(options, own, () => watch.catalog, orchestration) : undefined;
    if (ui)
      await own.listen(runsChannel, (runId) => ui.broadcast.tell({ event: 'run', runId: Number(runId) }));
    const tracing = await openTracing(options.traces, (message) =>
      emit({ event: 'serve.failed', error: new MedallionError('MDL7101', { message }) }),
    );
    const spans = tracing && new (await import('../telemetry/traces/requests.js')).RequestSpans(tracing);
    const gate = new Gate(connections, queue);
    const counts = new RequestCounts();
    const traffic = new Traffic();
    const app: App = await createApp({
      ...settings,
      ui,
      webhooks: webhooksOf(options, (trigger, request) => orchestration.fire(own, trigger, request)),
      counts,
      spans,
      metrics: settings.metrics
        ? {
            counter: new RequestCounter(counts, () => watch.catalog),
            access: ui?.access ?? new AccessRules(options.serve, new Sessions(settings.admin)),
            key: settings.metricsKey ?? settings.admin,
            scrape: openMetrics(options, own, {
              requests: counts,
              inProgress: () => app.underWay(),
              openConnections: () => traffic.connections,
              bytesSent: () => traffic.bytesSent,
              connections: () => gate.numbers,
              refreshes: () => refreshes,
              relations: () => relationNames(watch.catalog).length,
              listeners: () => ui?.broadcast.size ?? 0,
            }),
          }
        : undefined,
      catalog: () => watch.catalog,
      answers: () => watch.answers,
      settled: () => watch.settled(),
      authenticate: await createAuthenticator(settings.auth),
      executor: new Executor(reader, gate, maxCost, spans),
      isReady: () =>
        reader`select`.then(
          () => true,
          () => false,
        ),
      onError: (error) => emit({ event: 'serve.failed', error }),
    });
    traffic.watch(app.fastify.server);
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
        await tracing?.end();
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

/** There is no route where there is no webhook: a table may be called `hooks`. */
function webhooksOf({ triggers }: Options, fire: Webhooks['fire']): Webhooks | undefined {
  const secrets = new Map(
    triggers.flatMap((trigger) =>
      trigger.kind === 'webhook' ? [[trigger.name, trigger.secret] as const] : [],
    ),
  );
  return secrets.size > 0 ? { secrets, fire } : undefined;
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
