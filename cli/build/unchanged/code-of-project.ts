import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What can say something else the next time although no file has changed. Words in comments count too: this decides about speed only. */
const changing =
  /\b(Date|Temporal|Intl|performance|hrtime|random\w*|crypto|fetch|globalThis|eval|Function|require|import\s*\(|import\.meta|await)\b/;
const imports = /^\s*(?:import\s(?:[^'"`;]*?\sfrom\s*)?|export\s[^'"`;]*?\sfrom\s*)(['"])(.*?)\1/gm;
const endings = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.json', '/index.ts', '/index.js'];

/**
 * TypeScript of a project that says the same as long as its files and the environment do: it asks no clock and no other system, and imports nothing but
 * `medallion` and files of the same kind.
 * @param entries absolute paths
 * @returns these files and those that they import; undefined where that cannot be told
 */
export function constantCode(entries: readonly string[]): readonly string[] | undefined {
  const files = new Set(entries);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.json')) continue;
    if (changing.test(text)) return undefined;
    for (const [, , name] of text.matchAll(imports)) {
      if (name === 'medallion' || name === 'node:path' || name === 'node:url') continue;
      const found = name!.startsWith('.') && endings.map((end) => resolved(file, name!, end)).find(isFile);
      if (!found) return undefined;
      files.add(found);
    }
  }
  return [...files];
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function resolved(from: string, name: string, ending: string): string {
  const bare = ending === '' ? name : name.replace(/\.[mc]?js$/, '');
  return join(resolve(dirname(from)), `${bare}${ending}`);
}
