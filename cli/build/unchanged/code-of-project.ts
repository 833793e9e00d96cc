import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What can say something else the next time although no file has changed. Words in comments count too: this decides about speed only. */
const changing =
  /\b(Date|Temporal|Intl|performance|hrtime|random\w*|crypto|fetch|globalThis|eval|Function|require|getBuiltinModule|import\s*\(|import\.meta|await)\b/;
/** Words that bring in other files, or may: `export` does before `*` and `{`, and a comment may stand between. */
const words = /\bimport\b|\bexport\b(?=\s*(?:type\s*)?[*{/])/g;
/** What follows such a word in full. Comments, escapes and names in quotes are not read: then it is not known what is imported. */
const statement =
  /(?:import\b\s*(?:[\w$*{},\s]*?\bfrom\s*)?|export\b\s*(?:type\s*)?(?:\*[\w$\s]*?|\{[\w$,\s]*\}\s*)\bfrom\s*)(['"])([^'"\\\n]*)\1/y;
const ownNames = /export\b\s*(?:type\s*)?\{[\w$,\s]*\}\s*(?:;|$|(?!from\b)[\w@])/y;
const endings = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.json', '/index.ts', '/index.js'];

/**
 * TypeScript of a project that says the same as long as its files and the environment do: it asks no clock and no other system, and imports nothing but
 * `medallion` and files of the same kind.
 * @param entries absolute paths
 * @returns the texts of these files and of those that they import, by their paths; undefined where that cannot be told
 */
export function constantCode(entries: readonly string[]): ReadonlyMap<string, string> | undefined {
  const files = new Set(entries);
  const texts = new Map<string, string>();
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    texts.set(file, text);
    if (file.endsWith('.json')) continue;
    if (changing.test(text)) return undefined;
    const names = importedNames(text);
    if (!names) return undefined;
    for (const name of names) {
      if (name === 'medallion' || name === 'node:path' || name === 'node:url') continue;
      const found = name.startsWith('.') && endings.map((end) => resolved(file, name, end)).find(isFile);
      if (!found) return undefined;
      files.add(found);
    }
  }
  return texts;
}

/** @returns undefined where one of them cannot be read */
function importedNames(text: string): readonly string[] | undefined {
  const names: string[] = [];
  for (const { index } of text.matchAll(words)) {
    statement.lastIndex = index;
    ownNames.lastIndex = index;
    const name = statement.exec(text)?.[2];
    if (name !== undefined) names.push(name);
    else if (!ownNames.test(text)) return undefined;
  }
  return names;
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function resolved(from: string, name: string, ending: string): string {
  const bare = ending === '' ? name : name.replace(/\.[mc]?js$/, '');
  return join(resolve(dirname(from)), `${bare}${ending}`);
}
