import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AttemptLimit } from '../http/attempt-limit.js';
import { isSameKey } from '../http/auth/is-same-key.js';

interface Session {
  readonly csrf: string;
  readonly until: number;
}

const cookieName = 'mdl_session';
/** A working day. */
const lifetimeMs = 12 * 3_600_000;

/** Operators who have signed in with the key `serve.admin`; they are forgotten when the server ends. */
export class Sessions {
  private readonly sessions = new Map<string, Session>();
  private readonly limit = new AttemptLimit('UI429');

  /** @param key undefined: nobody can sign in */
  constructor(private readonly key: string | undefined) {}

  get hasKey(): boolean {
    return this.key !== undefined;
  }

  /** The session that the request's cookie names. */
  of({ headers }: FastifyRequest): Session | undefined {
    const id = cookie(headers.cookie);
    const session = id === undefined ? undefined : this.sessions.get(id);
    return session && session.until > Date.now() ? session : undefined;
  }

  /**
   * Signs an operator in.
   * @returns false when that is not the key
   * @throws RequestError UI429 after too many wrong keys
   */
  signIn(request: FastifyRequest, reply: FastifyReply, given: string): boolean {
    this.limit.check(request.ip);
    if (this.key === undefined || !isSameKey(given, this.key)) {
      this.limit.count(request.ip);
      return false;
    }
    this.forgetOld();
    const id = randomBytes(32).toString('base64url');
    this.sessions.set(id, {
      csrf: randomBytes(32).toString('base64url'),
      until: Date.now() + lifetimeMs,
    });
    setCookie(request, reply, id, lifetimeMs / 1000);
    this.limit.forget(request.ip);
    return true;
  }

  signOut(request: FastifyRequest, reply: FastifyReply): void {
    const id = cookie(request.headers.cookie);
    if (id !== undefined) this.sessions.delete(id);
    setCookie(request, reply, '', 0);
  }

  private forgetOld(): void {
    for (const [id, { until }] of this.sessions) if (until <= Date.now()) this.sessions.delete(id);
  }
}

function cookie(header: string | undefined): string | undefined {
  return header
    ?.split(/; */)
    .find((part) => part.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1);
}

/** Scripts cannot read it, and no other site's page can make the browser send it. */
function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${cookieName}=${value}; Path=/ui; HttpOnly; SameSite=Strict; Max-Age=${maxAge}${secure}`,
  );
}
