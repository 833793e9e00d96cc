import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mdlVersion } from '../version.js';
import { unreadable } from './bytes.js';
import { contentHash } from './content-hash.js';
import type { KnownTable, SourceContext } from './source.js';

/** A file as it stands on the disk: equal ones have not been written to in between. */
export interface FileIdentity {
  readonly id: string;
  readonly bytes: number;
  /** When it, or what the system says of it, last changed. */
  readonly changedMs: number;
}

/**
 * The inode, the size and both times of change: an edit can put back the time of its content, but not that of its inode (ctime).
 * @throws MedallionError MDL3002 when there is no such file any more
 */
export function identify(path: string, origin: string): FileIdentity {
  try {
    const { ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = statSync(path, { bigint: true });
    return {
      id: [ino, size, mtimeNs, ctimeNs].join(' '),
      bytes: Number(size),
      changedMs: Math.max(Number(mtimeMs), Number(ctimeMs)),
    };
  } catch (cause) {
    throw unreadable(origin, cause);
  }
}

/** A file and how it is read. */
export interface ReadFile {
  readonly path: string;
  readonly origin: string;
  /** Plain JSON: equal settings read equal content the same way. */
  readonly settings: unknown;
}

/** What was found in a file when it was last read through. */
export interface Content {
  readonly sha256: string;
  readonly bytes: number;
  /** How it is read, as its opener found out. */
  readonly readAs: Readonly<Record<string, unknown>>;
  readonly columns: readonly string[];
}

interface Kept extends Content {
  readonly id: string;
  readonly hashedAtMs: number;
}

/** Times on a disk are coarse, up to 2 s on FAT: a file that changed shortly before it was hashed may have changed once more at the same time. Git calls these racy. */
const racyMs = 2000;

/** What is kept of a file, if it still stands there as it did then. */
export function recallContent(
  file: ReadFile,
  now: FileIdentity,
  context: SourceContext,
): Content | undefined {
  const kept = readKept(file, context);
  return kept?.id === now.id && now.changedMs < kept.hashedAtMs - racyMs ? kept : undefined;
}

/**
 * Keeps what was found in a file, in `.medallion/cache`. That it cannot be kept is no reason to fail: then it is found out again.
 * @param hashedAtMs when its hash was begun
 */
export function keepContent(
  file: ReadFile,
  { id }: FileIdentity,
  hashedAtMs: number,
  content: Content,
  context: SourceContext,
): void {
  const path = keptPath(file, context);
  const kept: Kept = { ...content, id, hashedAtMs };
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    const part = `${path}.${randomUUID()}`;
    writeFileSync(part, JSON.stringify(kept));
    renameSync(part, path);
  } catch {}
}

/**
 * What a file that was read before is known to hold, without opening it: from its identity, or, where that has changed and its size has not (a checkout,
 * a `touch`), from its hash.
 * @returns undefined where nothing is known of it, or it holds something else now
 * @throws MedallionError MDL3002; the signal's reason when aborted
 */
export async function knownContent(file: ReadFile, context: SourceContext): Promise<KnownTable | undefined> {
  const now = identify(file.path, file.origin);
  const recalled = recallContent(file, now, context);
  if (recalled) return asTable(file, recalled);
  const kept = readKept(file, context);
  if (kept?.bytes !== now.bytes) return undefined;
  const hashedAtMs = Date.now();
  const { sha256 } = await contentHash(file.path, file.origin, context.signal);
  if (sha256 !== kept.sha256 || identify(file.path, file.origin).id !== now.id) return undefined;
  keepContent(file, now, hashedAtMs, kept, context);
  return asTable(file, kept);
}

/** Equal content, read the same way. */
export function fingerprintOf({ sha256, bytes, readAs }: Omit<Content, 'columns'>) {
  return { sha256, bytes, ...readAs };
}

const asTable = ({ path }: ReadFile, content: Content): KnownTable => ({
  columns: content.columns,
  fingerprint: fingerprintOf(content),
  paths: [path],
});

/** One small file for each: loads of several tables, and several commands, write at the same time. */
function keptPath({ path, settings }: ReadFile, { projectDir }: SourceContext): string {
  const name = createHash('sha256')
    // Another mdl may read the same file in another way.
    .update(JSON.stringify([mdlVersion, path, settings]))
    .digest('hex');
  return join(projectDir, '.medallion', 'cache', 'contents', `${name.slice(0, 32)}.json`);
}

function readKept(file: ReadFile, context: SourceContext): Kept | undefined {
  try {
    return JSON.parse(readFileSync(keptPath(file, context), 'utf8')) as Kept;
  } catch {
    return undefined;
  }
}
