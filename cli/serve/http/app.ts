import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { RequestSpans } from '../../telemetry/traces/requests.js';
import { mdlVersion } from '../../version.js';
import type { Catalog } from '../catalog/catalog.js';
import { RequestError } from '../resolve/errors.js';
import { findSchema } from '../resolve/names.js';
import { registerUi, sendPage, wantsPage } from '../ui/routes.js';
import type { Ui } from '../ui/ui.js';
import { type AnswerOptions, answer } from './answer.js';
import type { Authenticate } from './auth/authenticate.js';
import { challenge, describeError } from './errors.js';
import { chooseMedia } from './media.js';
import { type MetricsOptions, type RequestCounter, registerMetrics } from './metrics.js';
import { openApi } from './openapi.js';
import { methods, type ProtectSettings, protect } from './protect.js';
import { traceRequest } from './trace-request.js';
import { registerWebhooks, type Webhooks } from './webhooks.js';

export interface AppOptions extends AnswerOptions, ProtectSettings {
  readonly trustProxy: boolean | readonly string[];
  readonly authenticate: Authenticate;
  /** Whether the database answers. */
  readonly isReady: () => Promise<boolean>;
  /** Undefined: there is no web app. */
  readonly ui: Ui | undefined;
  /** Undefined: there are no webhooks. */
  readonly webhooks: Webhooks | undefined;
  /** Undefined: nothing is counted, and there is no `/metrics`. */
  readonly metrics: (MetricsOptions & { readonly counter: RequestCounter }) | undefined;
  /** Undefined: requests are not traced. */
  readonly spans: RequestSpans | undefined;
  /** Told of errors that are ours; the client learns no more than that there was one. */
  readonly onError: (error: unknown) => void;
}

/** How long a request under way may take when the server is to end. */
const drainMs = 10_000;

export interface App {
  readonly fastify: FastifyInstance;
  /** Requests without a complete answer. */
  readonly underWay: () => number;
  /**
   * Ends it in order: no new requests, those under way are answered. A connection that is kept alive is not waited for, nor one whose client is gone
   * without a word.
   * @returns how many requests were cut off
   */
  drain(): Promise<number>;
}

/** The read API as an HTTP application. */
export async function createApp(options: AppOptions): Promise<App> {
  const app = Fastify({
    // Parameters are read from the URL itself: their order and repetitions count.
    routerOptions: { maxParamLength: 512, caseSensitive: true, querystringParser: () => ({}) },
    exposeHeadRoutes: false,
    maxRequestsPerSocket: 0,
    trustProxy: typeof options.trustProxy === 'boolean' ? options.trustProxy : [...options.trustProxy],
  });
  app.decorateRequest('counted', null);
  let underWay = 0;
  const counter = options.metrics?.counter;
  app.addHook('onRequest', (request, { raw }, done) => {
    underWay++;
    const began = performance.now();
    // Also of a client that leaves, of whom Fastify's own hook says nothing.
    raw.once('close', () => {
      underWay--;
      counter?.count(request, raw, began);
    });
    if (options.spans) traceRequest(options.spans, request, raw, done);
    else done();
  });
  app.setErrorHandler((error, _request, reply) => sendError(reply, error, options, true));
  await protect(app, options);
  app.addHook('onRequest', (request, _reply, done) => {
    const wrong = readingOnly(request.method, request.headers, request.url);
    // Fastify puts the options together anew each time that they are asked for: only where they matter.
    done(wrong && request.routeOptions.config?.writes ? undefined : wrong);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendError(
      reply,
      new RequestError(404, 'PGRST125', 'Invalid path specified in request URL'),
      options,
      true,
    ),
  );
  const unlimited = { config: { rateLimit: false } };
  app.get('/live', unlimited, async () => ({ status: 'live' }));
  app.get('/ready', unlimited, async (_request, reply) => {
    const isReady = await options.isReady();
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? 'ready' : 'the database does not answer' });
  });
  for (const url of ['/', '/rest/v1', '/rest/v1/'])
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: async (request, reply) => {
        const { headers, host } = request;
        if (options.ui && url === '/' && wantsPage(request)) return sendPage(options.ui, request, reply);
        await options.authenticate(headers);
        return describe(reply, options.catalog(), headers, host);
      },
    });
  if (options.webhooks) await registerWebhooks(app, options.webhooks);
  if (options.metrics) registerMetrics(app, options.metrics);
  if (options.ui) await registerUi(app, options.ui, options.authenticate);
  for (const prefix of ['', '/rest/v1'])
    for (const [kind, path] of [
      ['relation', '/:name'],
      ['function', '/rpc/:name'],
    ] as const) {
      app.route<{ Params: { name: string } }>({
        method: ['GET', 'HEAD'],
        url: prefix + path,
        config: { counted: kind },
        handler: async (request, reply) => {
          request.counted = kind;
          const known = options.authenticate(request.headers);
          const identity = known instanceof Promise ? await known : known;
          try {
            return await answer(request, { kind, name: request.params.name }, reply, identity, options);
          } catch (error) {
            return sendError(reply, error, options, identity.claims === undefined);
          }
        },
      });
    }
  return {
    fastify: app,
    underWay: () => underWay,
    async drain() {
      options.ui?.broadcast.close();
      const closing = app.close();
      const deadline = performance.now() + drainMs;
      while (underWay > 0 && performance.now() < deadline) await sleep(20);
      const cut = underWay;
      app.server.closeAllConnections();
      await closing;
      return cut;
    },
  };
}

/** What is wrong with a request that is not for reading. */
function readingOnly(method: string, headers: IncomingHttpHeaders, url: string): RequestError | undefined {
  if (!methods.includes(method))
    return new RequestError(
      405,
      'PGRST117',
      `Unsupported HTTP method: ${method}`,
      null,
      url.includes('/rpc/')
        ? 'This API can only be read: call functions by GET, with supabase-js rpc(name, arguments, { get: true }).'
        : 'This API can only be read.',
    );
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined
    ? new RequestError(413, 'PGRST102', 'A request to read has no body.')
    : undefined;
}

/** What can be read, in words for programs. */
function describe(
  reply: FastifyReply,
  catalog: Catalog,
  headers: IncomingHttpHeaders,
  host: string,
): FastifyReply {
  const accept = headers.accept?.replaceAll('application/openapi+json', 'application/json');
  if (chooseMedia(accept, { geoJson: false, plan: false }).format !== 'array')
    throw new RequestError(406, 'PGRST107', `None of these media types are available: ${headers.accept}`);
  const schema = findSchema(catalog, [headers['accept-profile']].flat()[0]);
  return reply
    .type('application/openapi+json; charset=utf-8')
    .send(JSON.stringify(openApi(catalog, schema, host, mdlVersion)));
}

/** @param isAnonymous who may not read something is asked to say who they are */
function sendError(
  reply: FastifyReply,
  error: unknown,
  { onError }: AppOptions,
  isAnonymous: boolean,
): FastifyReply {
  const described = describeError(error, isAnonymous);
  const asClient = error as { statusCode?: number; message?: string };
  if (described?.status === 503) reply.header('retry-after', '1');
  if (described?.status === 401) reply.header('www-authenticate', challenge(described.body));
  if (described)
    return reply.code(described.status).type('application/json; charset=utf-8').send(described.body);
  if (asClient.statusCode !== undefined && asClient.statusCode < 500)
    return reply
      .code(asClient.statusCode)
      .send({ code: 'PGRST100', message: asClient.message, details: null, hint: null });
  onError(error);
  return reply
    .code(500)
    .send({ code: 'PGRSTX00', message: 'Something went wrong in the server.', details: null, hint: null });
}
