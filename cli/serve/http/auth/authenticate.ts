import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AuthOptions } from '../../../config/options.js';
import { RequestError } from '../../resolve/errors.js';
import { anonymous, type Identity } from './identity.js';
import type { VerifyToken } from './tokens.js';

/** @throws RequestError PGRST301 to PGRST303: the key or token is not good, or there is none */
export type Authenticate = (headers: IncomingHttpHeaders) => Identity | Promise<Identity>;

/**
 * Who asks, by the headers `Authorization: Bearer` and, without that, `apikey`: what Supabase's clients send.
 * @param auth undefined: everyone is anonymous, whatever they send
 */
export async function createAuthenticator(auth: AuthOptions | undefined): Promise<Authenticate> {
  if (!auth) return () => anonymous;
  // Its library is loaded only where it is needed.
  const verify = auth.jwt && (await import('./tokens.js')).createTokenVerifier(auth.jwt);
  // Looked up by hash: how long that takes says nothing about a key.
  const roles = new Map(auth.keys.map(({ key, role }) => [fingerprint(key), role]));
  return async (headers) => {
    const given = bearer(headers.authorization) ?? (roles.size > 0 || verify ? apiKey(headers) : undefined);
    if (given !== undefined) {
      const role = roles.get(fingerprint(given));
      if (role !== undefined) return { role, claims: JSON.stringify({ role }) };
      if (!verify) throw refused('PGRST301', 'The API key is not known.');
      const identity = await ofToken(given, verify, auth.jwt!.roleClaim);
      if (identity.role !== undefined || auth.anonymous) return identity;
    }
    if (!auth.anonymous) throw refused('PGRST302', 'Anonymous access is disabled');
    return anonymous;
  };
}

function fingerprint(text: string): string {
  return hash('sha256', text, 'base64');
}

function bearer(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

function apiKey({ apikey }: IncomingHttpHeaders): string | undefined {
  return [apikey].flat()[0] || undefined;
}

/** @param roleClaim the way to the claim, e.g. `app_metadata.role` */
async function ofToken(token: string, verify: VerifyToken, roleClaim: string): Promise<Identity> {
  const claims = await verify(token);
  let role: unknown = claims;
  for (const key of roleClaim.split('.'))
    role = typeof role === 'object' && role !== null ? (role as Record<string, unknown>)[key] : undefined;
  if (role !== undefined && typeof role !== 'string')
    throw refused('PGRST303', `The claim ${roleClaim} must be a string`);
  return { role: role || undefined, claims: JSON.stringify(claims) };
}

function refused(code: string, message: string, details: string | null = null): RequestError {
  return new RequestError(401, code, message, details);
}
