import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from '../http/auth/authenticate.js';
import { RequestError } from '../resolve/errors.js';
import { registerCatalog } from './catalog/routes.js';
import { describeProject } from './project.js';
import { registerRuns } from './runs/routes.js';
import type { ProjectAnswer } from './shapes.js';
import type { Ui } from './ui.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes more than reading: POST, with a body. */
    readonly writes?: boolean;
  }
}

/** Scripts and styles of this server only; charts are drawn without eval (Vega's interpreter). */
const pagePolicy = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const ownConfig = { rateLimit: false, counted: 'ui' } as const;

/** Whether a browser asks for a page, and not a program for data. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return /\btext\/html\b/i.test(headers.accept ?? '');
}

export function sendPage(ui: Ui, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return ui.assets.send(
    request,
    reply.header('content-security-policy', pagePolicy).header('cross-origin-resource-policy', 'same-origin'),
    'index.html',
  );
}

/** The web app under `/ui`: its pages, its files, and what it asks about the project. */
export async function registerUi(app: FastifyInstance, ui: Ui, authenticate: Authenticate): Promise<void> {
  app.get('/ui', { config: ownConfig }, (_request, reply) => reply.redirect('/'));
  app.get<{ Params: { '*': string } }>('/ui/*', { config: ownConfig }, (request, reply) => {
    const name = request.params['*'];
    if (ui.assets.has(name) && name !== 'index.html') return ui.assets.send(request, reply, name);
    if (name.startsWith('assets/') || name.startsWith('api/'))
      throw new RequestError(404, 'UI404', 'There is no such file.');
    return sendPage(ui, request, reply);
  });
  await app.register(
    async (api) => {
      api.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        ui.access.requireOwnPage(request);
      });
      const config = { ...ownConfig, writes: true };
      api.get('/project', { config: ownConfig }, async (request): Promise<ProjectAnswer> => {
        await authenticate(request.headers);
        return {
          ...(await describeProject(ui.sql, ui.options, ui.catalog())),
          access: ui.access.of(request),
        };
      });
      api.get('/events', { config: { ...ownConfig, isEndless: true } }, async (request, reply) => {
        await authenticate(request.headers);
        ui.broadcast.add(reply, ui.access.of(request).mayLook);
      });
      api.get('/session', { config: ownConfig }, (request) => ui.access.of(request));
      api.post<{ Body: { key?: unknown } | null }>(
        '/session',
        { config, bodyLimit: 4096 },
        (request, reply) => {
          const key = request.body?.key;
          if (typeof key !== 'string' || !ui.sessions.signIn(request, reply, key))
            throw new RequestError(401, 'UI401', 'That is not the key.');
          return reply.code(204).send();
        },
      );
      api.delete('/session', { config }, (request, reply) => {
        ui.sessions.signOut(request, reply);
        return reply.code(204).send();
      });
      registerCatalog(api, ui);
      registerRuns(api, ui);
    },
    { prefix: '/ui/api' },
  );
}
