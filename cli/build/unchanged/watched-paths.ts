import { type BigIntStats, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

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

/**
 * A folder and all below it, also behind links: what reads a project follows them. One that does not exist stands for itself: it may be made.
 * @param above where the folders are that lead here: a link to one of them leads nowhere new
 */
export function pathsBelow(folder: string, above: readonly string[] = []): string[] {
  const paths = [folder];
  if (!statOf(folder)?.isDirectory()) return paths;
  const real = realpathSync(folder);
  if (above.includes(real)) return paths;
  for (const name of readdirSync(folder)) paths.push(...pathsBelow(join(folder, name), [...above, real]));
  return paths;
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
