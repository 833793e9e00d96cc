import type { ChannelAddress } from '../config/notify-schema.js';

/** Takes out of a text what nobody may read of an address: whoever knows the URL of a webhook can write to it. */
export function withoutSecrets(text: string, address: ChannelAddress): string {
  return secretsOf(address)
    .filter((secret) => secret.length >= 4)
    .sort((a, b) => b.length - a.length)
    .reduce((cleaned, secret) => cleaned.replaceAll(secret, '***'), text);
}

function secretsOf(address: ChannelAddress): readonly string[] {
  switch (address.kind) {
    case 'slack':
      return ofUrl(address.url);
    case 'webhook':
      return [
        ...ofUrl(address.url),
        ...Object.values(address.headers),
        // `Bearer abc` is no secret as a whole only.
        ...Object.values(address.headers).flatMap((value) => value.split(' ').slice(1)),
        ...(address.secret === undefined ? [] : [address.secret]),
      ];
    case 'email':
      return typeof address.smtp === 'string' ? ofUrl(address.smtp) : textsIn(address.smtp.auth);
  }
}

/** All but its host: the whole, path, query, user, password, and each step of the path. */
function ofUrl(text: string): string[] {
  const url = new URL(text);
  const rest = `${url.pathname}${url.search}`;
  const parts = [url.password, url.username].flatMap((part) => [part, decodeURIComponent(part)]);
  const steps = url.pathname.split('/').filter((step) => step.length >= 8);
  return [text, url.href, rest, ...parts, ...steps, ...url.searchParams.values()];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
