import { type BigIntStats, statSync } from 'node:fs';
import { pathsBelow } from '../../project/paths-below.js';

/** A file or folder, and how it stood; `null`: there was none, or none that could be reached. */
export type WatchedPath = readonly [path: string, identity: string | null];

/** Times on a disk are coarse: what changed so shortly before it was looked at may change once more at the same time. Git calls these racy. */
const racyMs = 2000;

/**
 * How paths stand now.
 * @param beforeMs when what depends on them was read: what has changed since then, or just before, cannot be watched
 * @returns undefined where one of them cannot be watched
 */
export function watchPaths(paths: Iterable<string>, beforeMs: number): readonly WatchedPath[] | undefined {
  const watched: WatchedPath[] = [];
  for (const path of new Set(paths)) {
    const stat = statOf(path);
    if (stat && Math.max(Number(stat.mtimeMs), Number(stat.ctimeMs)) > beforeMs - racyMs) return undefined;
    watched.push([path, stat && identityOf(stat)]);
  }
  return watched;
}

/** Whether all of them stand as they did. */
export function standAsBefore(watched: readonly WatchedPath[]): boolean {
  return watched.every(([path, identity]) => {
    const stat = statOf(path);
    return (stat && identityOf(stat)) === identity;
  });
}

/** A folder and all below it, as what reads a project finds it. One that does not exist stands for itself: it may be made. */
export function withPathsBelow(folder: string): readonly string[] {
  const below = statOf(folder)?.isDirectory() ? pathsBelow(folder) : [];
  return [folder, ...below.map(({ path }) => path)];
}

/** Of what a link leads to. An edit can put back the time of a file's content, but not that of its inode (ctime). */
function identityOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

function statOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}
