import { randomUUID } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MedallionError } from '../../errors/index.js';
import { backoff, pause, waitAsked } from '../backoff.js';
import { unreadable } from '../bytes.js';
import type { SourceContext } from '../source.js';
import type { Remote } from './remote.js';
import { type SharedWorks, shareWork } from './shared-work.js';
import type { FoundFile } from './unpacked.js';

/** What a server said of the file that is kept: enough to ask whether there is a newer one. */
interface Kept {
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Of the file itself: another process may have put its own in place beside these words. */
  readonly size?: number;
  readonly changedMs?: number;
}

/** A server that says nothing for so long is asked again. */
const idleMs = 60_000;

/** What a session keeps for this module: by their ids, the files that have been brought or are being brought. */
const broughtFiles = Object.freeze({});

/**
 * The file of an address, on this machine. Within a run it is brought once, however many tables read it: all of them see the same bytes.
 * @throws what `bring` throws; the signal's reason when aborted
 */
export async function download(remote: Remote, context: SourceContext): Promise<FoundFile> {
  const { session } = context;
  if (!session) return bring(remote, context);
  const brought = await session.keep(broughtFiles, async () => ({
    value: new Map() as SharedWorks<FoundFile>,
    close: async () => {},
  }));
  return shareWork(brought, remote.id, context.signal, (signal) => bring(remote, { ...context, signal }));
}

/**
 * Brings a file from a server into `.medallion/cache/downloads`, where it stays: the next time the server is asked whether it has changed. What may pass is tried
 * again with growing pauses, or after the time that the server asks for, and goes on where it stopped when the server allows it.
 * @throws MedallionError MDL3001 (404), MDL3002 (refused, no room), MDL3022 (no good answer in time)
 */
async function bring(remote: Remote, { projectDir, signal }: SourceContext): Promise<FoundFile> {
  const folder = join(projectDir, '.medallion', 'cache', 'downloads', remote.id);
  mkdirSync(folder, { recursive: true });
  const target = {
    file: join(folder, 'file'),
    kept: join(folder, 'kept.json'),
    part: join(folder, `part-${randomUUID()}`),
  };
  let failedSince: number | undefined;
  try {
    for (let attempt = 0; ; attempt++) {
      const problem = await fetchOnce(remote, target, signal);
      if (problem === undefined) return { path: target.file, origin: remote.origin };
      failedSince ??= Date.now();
      const waitMs = problem.waitMs ?? backoff(attempt);
      if (Date.now() + waitMs - failedSince > remote.giveUpMs)
        throw new MedallionError('MDL3022', {
          message: `${remote.origin} got no good answer in ${attempt + 1} attempt${attempt === 0 ? '' : 's'}; the last one: ${problem.message}.`,
          hint: 'Try again later; giveUpAfter sets for how many seconds to try.',
        });
      await pause(waitMs, signal);
    }
  } finally {
    for (const left of [target.part, `${target.part}.json`]) rmSync(left, { force: true });
  }
}

type Target = { readonly file: string; readonly kept: string; readonly part: string };

/** @returns what went wrong and may pass; undefined: the file is there */
async function fetchOnce(
  remote: Remote,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<{ message: string; waitMs?: number | undefined } | undefined> {
  const watch = new AbortController();
  const stop = () => watch.abort(new Error(`no answer for ${idleMs / 1000} s`));
  const timer = setTimeout(stop, idleMs);
  const kept = keptOf(target);
  const begun = existsSync(target.part)
    ? { ...readKept(`${target.part}.json`), bytes: statSync(target.part).size }
    : undefined;
  try {
    const response = await fetch(remote.url, {
      headers: { 'accept-encoding': 'identity', ...remote.headers, ...conditions(kept, begun) },
      signal: signal ? AbortSignal.any([signal, watch.signal]) : watch.signal,
    });
    if (response.status === 304) return undefined;
    if (!response.ok) {
      await response.body?.cancel();
      // What has come is not a beginning of what is there now.
      if (response.status === 416 && begun) {
        rmSync(target.part);
        return { message: 'status 416' };
      }
      return refused(response, remote);
    }
    const isRest = response.status === 206;
    const now: Kept = {
      etag: response.headers.get('etag'),
      lastModified: response.headers.get('last-modified'),
    };
    writeFileSync(`${target.part}.json`, JSON.stringify(now));
    await pipeline(
      response.body ? Readable.fromWeb(response.body as never) : Readable.from([]),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          timer.refresh();
          yield chunk;
        }
      },
      createWriteStream(target.part, { flags: isRest ? 'a' : 'w' }),
    );
    const { size, mtimeMs: changedMs } = statSync(target.part);
    const length = response.headers.get('content-length');
    if (length !== null && response.headers.get('content-encoding') === null) {
      const expected = Number(length) + (isRest ? (begun?.bytes ?? 0) : 0);
      if (size !== expected) return { message: `${size} bytes came of ${expected}` };
    }
    writeFileSync(`${target.part}.json`, JSON.stringify({ ...now, size, changedMs } satisfies Kept));
    renameSync(target.part, target.file);
    renameSync(`${target.part}.json`, target.kept);
    return undefined;
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    return passing(cause, remote, watch.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** What is known of the file that is kept; undefined: there is none, or these words are of another one. */
function keptOf({ file, kept }: Target): Kept | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  const known = stat && readKept(kept);
  return known?.size === stat?.size && known?.changedMs === stat?.mtimeMs ? known : undefined;
}

function readKept(path: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Kept;
  } catch {
    return undefined;
  }
}

/** Only the rest of what has begun to come, if it is still the same; else only a file other than the one that is kept. */
function conditions(
  kept: Kept | undefined,
  begun: (Partial<Kept> & { readonly bytes: number }) | undefined,
): Record<string, string> {
  // A weak one does not promise the same bytes.
  if (begun && begun.bytes > 0 && begun.etag && !begun.etag.startsWith('W/'))
    return { range: `bytes=${begun.bytes}-`, 'if-range': begun.etag };
  if (kept?.etag) return { 'if-none-match': kept.etag };
  if (kept?.lastModified) return { 'if-modified-since': kept.lastModified };
  return {};
}

function refused({ status, statusText, headers }: Response, { origin }: Remote) {
  const says = `status ${status}${statusText === '' ? '' : ` ${statusText}`}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return { message: says, waitMs: waitAsked(headers.get('retry-after')) };
  const isGone = status === 404 || status === 410;
  throw new MedallionError(isGone ? 'MDL3001' : 'MDL3002', {
    message: isGone ? `There is no file at ${origin} (${says}).` : `${origin} cannot be read: ${says}.`,
    hint: isGone
      ? 'Check the address in medallion.config.ts.'
      : status === 401 || status === 403
        ? "Give what the server wants to know by headers: { path: '...', headers: { authorization: 'Bearer ' + process.env.TOKEN } }."
        : 'See what the server answers at this address.',
  });
}

/** Of the way to a server: such trouble may pass. */
const passingCodes = /^(ECONN|ETIMEDOUT|EPIPE|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_)/;

function passing(cause: unknown, { origin }: Remote, watch: AbortSignal): { message: string } {
  if (cause instanceof MedallionError) throw cause;
  if (watch.aborted) return { message: (watch.reason as Error).message };
  // fetch says «fetch failed» or «terminated», and why in the cause.
  const reason = ((cause as Error).cause ?? cause) as Error & { code?: string };
  const message = reason.message || reason.code || String(reason);
  if (reason.code === undefined || passingCodes.test(reason.code)) return { message };
  throw unreadable(origin, Object.assign(new Error(message), { code: undefined }));
}
