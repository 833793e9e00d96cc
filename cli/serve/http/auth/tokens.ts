import { createSecretKey } from 'node:crypto';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { JwtOptions } from '../../../config/options.js';
import { RequestError } from '../../resolve/errors.js';

/** What a token claims, once it is proved. @throws RequestError PGRST301, PGRST303 */
export type VerifyToken = (token: string) => Promise<JWTPayload>;

/** Tokens whose signature need not be checked again. */
const maxKnown = 1000;

/**
 * Checks JSON Web Tokens: HS256 with a secret, RS256 and ES256 with public keys; each key only for its own kind, so that nobody signs with a public key
 * as the secret.
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
export function createTokenVerifier(settings: JwtOptions): VerifyToken {
  const { audience, issuer, clockSkew } = settings;
  const keyFor = keysOf(settings);
  const known = new LRUCache<string, JWTPayload>({ max: maxKnown });
  return async (token) => {
    const seen = known.get(token);
    if (seen && isTimely(seen, clockSkew)) return seen;
    try {
      const { payload } = await jwtVerify(token, keyFor, {
        algorithms: ['HS256', 'RS256', 'ES256'],
        clockTolerance: clockSkew,
        ...(audience !== undefined && { audience: [...audience] }),
        ...(issuer !== undefined && { issuer: [...issuer] }),
      });
      if ((payload.iat ?? 0) > Date.now() / 1000 + clockSkew)
        throw claimRefused('JWT issued at future', 'iat');
      known.set(token, payload);
      return payload;
    } catch (cause) {
      throw toRequestError(cause, token);
    }
  };
}

/** Whether the times of a token that was good are good still. */
function isTimely({ exp, nbf }: JWTPayload, clockSkew: number): boolean {
  const now = Date.now() / 1000;
  return (exp ?? Number.POSITIVE_INFINITY) + clockSkew > now && (nbf ?? 0) <= now + clockSkew;
}

function keysOf({ secret, publicKey, jwks }: JwtOptions): JWTVerifyGetKey {
  const shared = secret === undefined ? undefined : createSecretKey(Buffer.from(secret as string));
  const set =
    jwks === undefined
      ? undefined
      : typeof jwks === 'string'
        ? createRemoteJWKSet(new URL(jwks))
        : createLocalJWKSet(jwks as JSONWebKeySet);
  return async (header, token) => {
    if (header.alg === 'HS256' && shared) return shared;
    if (header.alg !== 'HS256' && publicKey?.algorithm === header.alg) return publicKey.key;
    if (header.alg !== 'HS256' && set) return set(header, token);
    throw new errors.JWKSNoMatchingKey();
  };
}

function claimRefused(message: string, claim: string | undefined): RequestError {
  return new RequestError(401, 'PGRST303', message, claim === undefined ? null : `The claim is ${claim}`);
}

/** In the words of PostgREST. @see https://docs.postgrest.org/en/v13/references/errors.html#group-3-jwt */
function toRequestError(cause: unknown, token: string): RequestError {
  if (cause instanceof RequestError) return cause;
  if (cause instanceof errors.JWTExpired) return claimRefused('JWT expired', 'exp');
  if (cause instanceof errors.JWTClaimValidationFailed) {
    const { claim } = cause;
    const messages: Readonly<Record<string, string>> = {
      nbf: 'JWT not yet valid',
      aud: 'JWT not in audience',
      iss: 'JWT not of the issuer',
    };
    return claimRefused(messages[claim] ?? 'Parsing claims failed', claim);
  }
  if (cause instanceof errors.JWKSNoMatchingKey)
    return new RequestError(
      401,
      'PGRST301',
      'No suitable key was found to decode the JWT',
      algorithmOf(token),
    );
  if (cause instanceof errors.JWSSignatureVerificationFailed)
    return new RequestError(401, 'PGRST301', 'JWT cryptographic operation failed');
  if (cause instanceof errors.JOSEAlgNotAllowed)
    return new RequestError(401, 'PGRST301', 'Wrong or unsupported encoding algorithm', algorithmOf(token));
  if (cause instanceof errors.JWSInvalid || cause instanceof errors.JWTInvalid) {
    const parts = token.split('.').length;
    return new RequestError(
      401,
      'PGRST301',
      parts === 3 ? 'The JWT cannot be decoded' : `Expected 3 parts in JWT; got ${parts}`,
    );
  }
  return new RequestError(
    503,
    'PGRST300',
    'The keys that tokens are checked with cannot be reached.',
    null,
    'Try again after a moment.',
  );
}

function algorithmOf(token: string): string | null {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return `alg ${alg}${kid === undefined ? '' : `, kid ${kid}`}`;
  } catch {
    return null;
  }
}
