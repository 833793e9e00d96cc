import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface FoundPath {
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * All that is below a folder, also behind links. Each folder is read once, however many links lead to it or round in a circle: links are followed when the rest is
 * read, so that what has a path without them is found by that.
 * @param root a folder
 * @throws what `readdir` throws for a folder that cannot be read
 */
export function pathsBelow(root: string): readonly FoundPath[] {
  const found: FoundPath[] = [];
  const read = new Set<string>();
  const folders = [root];
  const links: string[] = [];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift() ?? links.shift()) {
    const real = realpathSync(folder);
    if (read.has(real)) continue;
    read.add(real);
    const entries = readdirSync(folder, { withFileTypes: true });
    // Of several links to a folder always the same one is followed.
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      const isLink = entry.isSymbolicLink();
      const isFolder = isLink ? leadsToFolder(path) : entry.isDirectory();
      found.push({ path, isFolder });
      if (isFolder) (isLink ? links : folders).push(path);
    }
  }
  return found;
}

/** A link may lead to nothing, or to itself. */
function leadsToFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
