import { createHash } from 'node:crypto';
import { MedallionError } from '../../errors/index.js';
import type { FileTableSettings } from './options.js';

/** A file on a server. */
export interface Remote {
  /** Without user and password. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly giveUpMs: number;
  /** For messages, and what `source_file` says: what may be a secret left out. */
  readonly origin: string;
  /** Where it is kept. */
  readonly id: string;
}

const wrong = (message: string) => new MedallionError('MDL1003', { message: `files({ ... }): ${message}` });

/**
 * Reads an address with its headers.
 * @throws MedallionError MDL1003; no message holds a header's value or a query, which may be secret
 */
export function remoteFile(address: string, { headers = {}, giveUpAfter = 60 }: FileTableSettings): Remote {
  if (!URL.canParse(address)) throw wrong('an address cannot be read as a URL.');
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  const sent: Record<string, string> = {};
  if (username !== '' || password !== '')
    sent.authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || value === '')
      throw wrong(`the header ${name} is empty: is the environment variable set?`);
    // fetch would show the value in its refusal.
    if (!/^[\t\x20-\x7e]*$/.test(value))
      throw wrong(`the header ${name} holds characters that no header can.`);
    sent[name.toLowerCase()] = value;
  }
  return {
    url: url.href,
    headers: sent,
    giveUpMs: giveUpAfter * 1000,
    origin: `${url.origin}${decoded(url.pathname)}${url.search === '' ? '' : '?***'}`,
    id: createHash('sha256')
      .update(JSON.stringify([url.href, sent]))
      .digest('hex')
      .slice(0, 32),
  };
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
