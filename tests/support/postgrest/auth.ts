import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './errors.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A key as Supabase hands them out: a JWT whose claim names the database role. */
export function signKey(secret: string, claims: Readonly<Record<string, unknown>>): string {
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

export interface Caller {
  readonly role: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * The gateway looks at `apikey`, PostgREST at `Authorization`; who has none is `anon`.
 * @param keys opaque keys (`sb_secret_...`) and the roles they stand for
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  secret: string,
  keys: Readonly<Record<string, string>>,
): Caller {
  const apikey = String(headers.apikey ?? '');
  if (apikey === '')
    throw new ApiError(401, undefined, 'No API key found in request', {
      hint: 'No `apikey` request header or url param was found.',
    });
  if (!keys[apikey] && !isSigned(apikey, secret))
    throw new ApiError(401, undefined, 'Invalid API key', {
      hint: 'Double check your Supabase `anon` or `service_role` API key.',
    });
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? apikey;
  if (keys[token]) return { role: keys[token], claims: { role: keys[token] } };
  if (!isSigned(token, secret)) throw unauthorized('PGRST301', 'JWSError JWSInvalidSignature');
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
  if (claims.exp !== undefined && claims.exp * 1000 < Date.now() - 30_000)
    throw unauthorized('PGRST303', 'JWT expired');
  return { role: claims.role ?? 'anon', claims };
}

const unauthorized = (code: string, message: string) =>
  new ApiError(401, code, message, {
    headers: { 'www-authenticate': `Bearer error="invalid_token", error_description="${message}"` },
  });

function isSigned(token: string, secret: string): boolean {
  const [head, claims, signature] = token.split('.');
  if (signature === undefined) return false;
  const right = createHmac('sha256', secret).update(`${head}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  return given.length === right.length && timingSafeEqual(given, right);
}
