import type { FastifyRequest } from 'fastify';
import type { ServeOptions } from '../../config/options.js';
import { RequestError } from '../resolve/errors.js';
import type { Sessions } from './sessions.js';
import type { Access } from './shapes.js';

const loopback = ['127.0.0.1', '::1', 'localhost'];
const localHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Who may see and do what in the web app, beyond reading what the API shows anyway. */
export class AccessRules {
  private readonly isForThisMachine: boolean;

  constructor(
    { host, auth, trustProxy }: Pick<ServeOptions, 'host' | 'auth' | 'trustProxy'>,
    private readonly sessions: Sessions,
  ) {
    this.isForThisMachine = loopback.includes(host) && !auth && trustProxy === false;
  }

  of(request: FastifyRequest): Access {
    const session = this.sessions.of(request);
    return {
      isOperator: session !== undefined,
      mayLook: session !== undefined || this.isOfThisMachine(request),
      hasAdmin: this.sessions.hasKey,
      csrf: session?.csrf ?? null,
    };
  }

  /**
   * The catalog and the runs show SQL and failing rows of every layer.
   * @throws RequestError UI401
   */
  requireLook(request: FastifyRequest): void {
    if (!this.of(request).mayLook) throw this.signInFirst();
  }

  /**
   * For what changes something: an operator who is signed in, and whose own page asks.
   * @throws RequestError UI401, UI403
   */
  requireOperator(request: FastifyRequest): void {
    const session = this.sessions.of(request);
    if (!session) throw this.signInFirst();
    this.requireOwnPage(request);
    if (request.headers['x-mdl-csrf'] !== session.csrf)
      throw new RequestError(403, 'UI403', 'The header x-mdl-csrf is not that of this session.');
  }

  /**
   * Refuses what a page of another origin asks, whether or not it could read the answer.
   * @throws RequestError UI403
   */
  requireOwnPage({ headers, host }: FastifyRequest): void {
    const site = headers['sec-fetch-site'];
    const isOwn =
      site === undefined
        ? headers.origin === undefined || URL.parse(headers.origin)?.host === host
        : site === 'same-origin' || site === 'none';
    if (!isOwn) throw new RequestError(403, 'UI403', 'Only pages of this server may ask that.');
  }

  private signInFirst(): RequestError {
    return new RequestError(
      401,
      'UI401',
      'Only operators who have signed in may see that.',
      null,
      this.sessions.hasKey
        ? 'Sign in with the key serve.admin.'
        : "Set a key in the configuration: serve: { admin: '...' }.",
    );
  }

  /** No proxy stands between, and the name by which it was asked is not one that a foreign page has made point here. */
  private isOfThisMachine({ headers }: FastifyRequest): boolean {
    return (
      this.isForThisMachine &&
      localHost.test(headers.host ?? '') &&
      headers.forwarded === undefined &&
      headers['x-forwarded-for'] === undefined
    );
  }
}
