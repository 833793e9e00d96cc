import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const isPattern = (text: string) => /[*?]/.test(text);

/**
 * The files that a pattern matches, in the order of their paths. `*` and `?` stand for characters of one name, `**` for folders at any depth;
 * a name that begins with a dot is matched by one that does, too.
 * @param root what the pattern is relative to
 * @param searched gets the folders whose entries decide what is matched
 * @returns absolute paths; a pattern without wildcards is its own result, whether there is such a file or not
 * @throws what `readdir` throws when a folder that is there cannot be read
 */
export function matchFiles(pattern: string, root: string, searched = new Set<string>()): string[] {
  if (!isPattern(pattern)) return [resolve(root, pattern)];
  const segments = resolve(root, pattern).replaceAll('\\', '/').split('/');
  const firstWild = segments.findIndex(isPattern);
  const found = new Set<string>();
  walk(segments.slice(0, firstWild).join('/') || '/', segments.slice(firstWild), found, searched);
  return [...found].sort();
}

function walk(folder: string, segments: readonly string[], found: Set<string>, searched: Set<string>): void {
  searched.add(folder);
  const [segment, ...rest] = segments as [string, ...string[]];
  if (segment === '**') {
    walk(folder, rest.length > 0 ? rest : ['*'], found, searched);
    // Links are not followed at any depth: they may lead in a circle.
    for (const entry of entries(folder))
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        walk(join(folder, entry.name), segments, found, searched);
    return;
  }
  const matches = matcher(segment);
  for (const { name } of entries(folder)) {
    if (!matches(name)) continue;
    const path = join(folder, name);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (rest.length > 0 && isFolder) walk(path, rest, found, searched);
    else if (rest.length === 0 && isFolder === false) found.add(path.replaceAll('\\', '/'));
  }
}

function entries(folder: string) {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(folder, { withFileTypes: true })
    : [];
}

function matcher(segment: string): (name: string) => boolean {
  const source = segment.replace(/[^*?]/g, (char) => char.replace(/[\\^$.|+()[\]{}]/, '\\$&'));
  const pattern = new RegExp(`^${source.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 'su');
  return (name) => pattern.test(name) && (segment.startsWith('.') || !name.startsWith('.'));
}
