import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../resolve/errors.js';

export interface ProtectSettings {
  /** Requests of one address in a minute; undefined: no limit. */
  readonly rateLimit: number | undefined;
  /** Origins of pages that may ask; undefined: pages of this machine. */
  readonly cors?: '*' | readonly string[] | undefined;
}

/** Answers are data, and never a page. */
const headers: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** What scripts of other origins may see. */
const exposedHeaders = [
  ...['Content-Encoding', 'Content-Location', 'Content-Range', 'Content-Type', 'Content-Profile', 'ETag'],
  ...['Date', 'Location', 'Server', 'Transfer-Encoding', 'Range-Unit', 'Preference-Applied', 'Retry-After'],
].join(', ');

/** This API can only be read. */
export const methods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

const ofThisMachine = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Says which pages may ask, how often, and what browsers must not make of an answer. */
export async function protect(app: FastifyInstance, settings: ProtectSettings): Promise<void> {
  // Hooks that wait for nothing say so by `done`: a promise for each request costs more than what they do.
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers);
    if (request.method === 'OPTIONS') reply.header('allow', methods.join(','));
    done();
  });
  await app.register(cors, {
    origin: settings.cors === '*' ? '*' : [...(settings.cors ?? [ofThisMachine])],
    methods: [...methods],
    exposedHeaders,
    maxAge: 86_400,
    // Any other OPTIONS asks what may be done: the same answer says it.
    strictPreflight: false,
  });
  if (settings.rateLimit !== undefined)
    await app.register(rateLimit, {
      max: settings.rateLimit,
      timeWindow: '1 minute',
      errorResponseBuilder: (_request, { max, after }) =>
        new RequestError(
          429,
          '53400',
          `No more than ${max} requests in a minute.`,
          null,
          `Try again in ${after}.`,
        ),
    });
}
