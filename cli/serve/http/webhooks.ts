import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../resolve/errors.js';
import { AttemptLimit } from './attempt-limit.js';
import { isSameKey } from './auth/is-same-key.js';

/** The webhooks that there are. */
export interface Webhooks {
  /** By the name of the trigger. */
  readonly secrets: ReadonlyMap<string, string>;
  /** @param request what tells it from others, where it is signed */
  readonly fire: (trigger: string, request: string | undefined) => Promise<void>;
}

const maxBody = 1024 * 1024;

/**
 * `POST /hooks/<name>`: whoever has the secret triggers a run. The body means nothing but what it is signed with.
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export async function registerWebhooks(app: FastifyInstance, { secrets, fire }: Webhooks): Promise<void> {
  const limit = new AttemptLimit('HOOK429');
  await app.register(async (hooks) => {
    // A signature is that of the bytes, whatever they are called.
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    hooks.post<{ Params: { name: string }; Body: Buffer | null }>(
      '/hooks/:name',
      { config: { writes: true, rateLimit: false }, bodyLimit: maxBody },
      async ({ params: { name }, headers, body, ip }, reply) => {
        limit.check(ip);
        const secret = secrets.get(name);
        if (secret === undefined) {
          limit.count(ip);
          throw new RequestError(404, 'HOOK404', `There is no webhook "${name}".`);
        }
        const proof = prove(headers, body ?? Buffer.alloc(0), secret);
        if (!proof) {
          limit.count(ip);
          throw new RequestError(
            401,
            'HOOK401',
            'The secret is not the right one, or the signature not that of this body.',
            null,
            'Send the header "authorization: Bearer <secret>", or "x-hub-signature-256: sha256=<HMAC of the body>".',
          );
        }
        await fire(name, proof.signature);
        return reply.code(202).header('cache-control', 'no-store').send({ accepted: true });
      },
    );
  });
}

/** @returns undefined where nothing, or the wrong thing, proves that the sender has the secret */
function prove(
  headers: IncomingHttpHeaders,
  body: Buffer,
  secret: string,
): { readonly signature: string | undefined } | undefined {
  const signature = headers['x-hub-signature-256'];
  if (typeof signature === 'string') {
    const expected = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return isSameKey(signature.toLowerCase(), expected) ? { signature: expected.slice(7) } : undefined;
  }
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return token !== undefined && isSameKey(token, secret) ? { signature: undefined } : undefined;
}
