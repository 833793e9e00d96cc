import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Encoding } from './answers.js';

/** Names an answer by what it depends on; weak, since it may go out packed or not. @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
export function etagOf(version: string, key: string): string {
  return `W/"${hash('sha256', `${version}\n${key}`, 'base64url').slice(0, 27)}"`;
}

/** Whether the client has the answer already. @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = etag.replace(/^W\//, '');
  return ifNoneMatch
    .split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === opaque);
}

/** How a body may be packed: brotli before gzip, unless the client wants none of it. @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding | undefined {
  if (acceptEncoding === undefined) return undefined;
  const accepted = acceptEncoding
    .toLowerCase()
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]!.trim());
  return (['br', 'gzip'] as const).find((encoding) => accepted.includes(encoding));
}

/** What an answer depends on beside its address. */
const deciding = ['accept', 'accept-profile', 'prefer', 'range'] as const;

/** Two requests of one key get the same answer as long as nothing is published. */
export function answerKey(url: string, headers: IncomingHttpHeaders, role: string | undefined): string {
  return `${url}\n${role ?? ''}\n${deciding.map((name) => headers[name] ?? '').join('\n')}`;
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5 */
export const varying = 'Accept, Accept-Encoding, Accept-Profile, apikey, Authorization, Prefer, Range';
