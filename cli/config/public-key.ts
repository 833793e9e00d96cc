import { createPublicKey, type KeyObject } from 'node:crypto';

/** A key that tokens are checked with, and the one algorithm that it is for. */
export interface PublicKey {
  readonly key: KeyObject;
  readonly algorithm: 'RS256' | 'ES256';
}

/** @returns undefined for what is not an RSA key, or one of the curve P-256, in PEM */
export function readPublicKey(pem: string): PublicKey | undefined {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'rsa') return { key, algorithm: 'RS256' };
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? { key, algorithm: 'ES256' } : undefined;
  } catch {
    return undefined;
  }
}
