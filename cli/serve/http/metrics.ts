import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Scrape } from '../../telemetry/metrics/open.js';
import type { RequestCounts, RequestKind, Target } from '../../telemetry/metrics/request-counts.js';
import type { Catalog } from '../catalog/catalog.js';
import { RequestError } from '../resolve/errors.js';
import type { AccessRules } from '../ui/access.js';
import { isSameKey } from './auth/is-same-key.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What its requests are counted as; absent: as others. */
    readonly counted?: RequestKind;
    /** Its answers do not end by themselves. */
    readonly isEndless?: boolean;
  }
  interface FastifyRequest {
    /** The same, where a handler has said it: asking for a route's configuration costs more than all the counting. */
    counted: RequestKind | null;
  }
}

export interface MetricsOptions {
  readonly scrape: () => Promise<Scrape>;
  readonly access: AccessRules;
  /** Undefined: only who may look anyway. */
  readonly key: string | undefined;
}

/** `GET /metrics`, for Prometheus. */
export function registerMetrics(app: FastifyInstance, { scrape, access, key }: MetricsOptions): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/metrics',
    config: { rateLimit: false },
    handler: async (request, reply) => {
      access.requireOwnPage(request);
      if (!access.of(request).mayLook && !hasKey(request, key)) {
        throw new RequestError(
          401,
          'UI401',
          'Only who has the key may read the metrics from here.',
          null,
          key === undefined
            ? "Set a key in the configuration: serve: { metricsKey: '...' }."
            : 'Send the key serve.metricsKey (or serve.admin, without it): Authorization: Bearer ...',
        );
      }
      const { contentType, text } = await scrape();
      return reply.header('cache-control', 'no-store').type(contentType).send(text);
    },
  });
}

function hasKey({ headers }: FastifyRequest, key: string | undefined): boolean {
  const [, given] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return key !== undefined && given !== undefined && isSameKey(given, key);
}

/** Bytes and connections of an HTTP server, which its sockets count by themselves. */
export class Traffic {
  private readonly sockets = new Set<Socket>();
  private closed = 0;

  watch(server: FastifyInstance['server']): void {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => {
        this.sockets.delete(socket);
        this.closed += socket.bytesWritten;
      });
    });
  }

  get connections(): number {
    return this.sockets.size;
  }

  get bytesSent(): number {
    let sum = this.closed;
    for (const socket of this.sockets) sum += socket.bytesWritten;
    return sum;
  }
}

/** Counts requests as their answers end. Names are those of the catalog: a client that asks for what is not there makes no series. */
export class RequestCounter {
  private readonly others: Readonly<Record<RequestKind, Target>>;
  private readonly byName = { relation: new Map<string, Target>(), function: new Map<string, Target>() };

  constructor(
    private readonly counts: RequestCounts,
    private readonly catalog: () => Catalog,
  ) {
    this.others = {
      relation: counts.target('relation', 'other'),
      function: counts.target('function', 'other'),
      ui: counts.target('ui'),
      other: counts.target('other'),
    };
  }

  /** @param began as `performance.now()` told it */
  count(request: FastifyRequest, raw: FastifyReply['raw'], began: number): void {
    const { counted, isEndless } = request.counted
      ? { counted: request.counted, isEndless: false }
      : { counted: 'other' as const, isEndless: false, ...request.routeOptions.config };
    const target =
      counted === 'relation' || counted === 'function'
        ? this.named(counted, (request.params as { name: string }).name, request.headers['accept-profile'])
        : this.others[counted];
    const isWhole = raw.writableFinished || (isEndless && raw.headersSent);
    this.counts.count(
      target,
      request.method,
      isWhole ? raw.statusCode : 499,
      isEndless ? undefined : performance.now() - began,
    );
  }

  private named(kind: 'relation' | 'function', name: string, profile: string | string[] | undefined): Target {
    const known = this.byName[kind];
    const key = profile === undefined ? name : `${profile}\n${name}`;
    return known.get(key) ?? this.find(kind, name, profile, key);
  }

  private find(
    kind: 'relation' | 'function',
    name: string,
    profile: string | string[] | undefined,
    key: string,
  ): Target {
    const catalog = this.catalog();
    const schema = profile === undefined ? (catalog.schemas[0] ?? '') : String(profile);
    const exists = (kind === 'relation' ? catalog.relations : catalog.functions).get(schema)?.has(name);
    if (!exists) return this.others[kind];
    const known = this.byName[kind];
    const qualified = `${schema}\n${name}`;
    const target = known.get(qualified) ?? this.counts.target(kind, `${schema}.${name}`);
    known.set(qualified, target);
    known.set(key, target);
    return target;
  }
}
