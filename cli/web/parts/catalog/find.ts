import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';

/** Where a text was found in a node. */
export interface Found {
  readonly node: CatalogNode;
  /** A column whose name says it, where the node's own name does not. */
  readonly column: string | null;
  /** A tag that says it, where neither does. */
  readonly tag: string | null;
  readonly score: number;
}

/** Without accents and capitals: `endereco` finds `Endereço`. */
export function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

interface Indexed {
  readonly name: string;
  readonly short: string;
  readonly description: string;
  readonly columns: readonly string[];
  readonly tags: readonly string[];
}

const indexed = new WeakMap<CatalogNode, Indexed>();

function index(node: CatalogNode): Indexed {
  let known = indexed.get(node);
  if (!known) {
    const name = plain(node.name);
    known = {
      name,
      short: name.slice(name.indexOf('.') + 1),
      description: plain(node.description ?? ''),
      columns: node.columns.map(plain),
      tags: node.tags.map(plain),
    };
    indexed.set(node, known);
  }
  return known;
}

/** The words of what was typed, as they are looked for. */
export function wordsOf(text: string): readonly string[] {
  return plain(text)
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** Whether all words are found in the node, and where; the better the place, the higher the score. */
export function match(node: CatalogNode, words: readonly string[]): Found | undefined {
  const { name, short, description, columns, tags } = index(node);
  let score = 0;
  let column: string | null = null;
  let tag: string | null = null;
  for (const word of words) {
    if (name === word || short === word) score += 100;
    else if (short.startsWith(word)) score += 60;
    else if (name.includes(word)) score += 40;
    else {
      const exact = columns.indexOf(word);
      const at = exact >= 0 ? exact : columns.findIndex((own) => own.includes(word));
      const tagged = at >= 0 ? -1 : tags.findIndex((own) => own.includes(word));
      if (at >= 0) {
        score += exact >= 0 ? 30 : 20;
        column ??= node.columns[at]!;
      } else if (tagged >= 0) {
        score += 15;
        tag ??= node.tags[tagged]!;
      } else if (description.includes(word)) score += 10;
      else return undefined;
    }
  }
  return { node, column, tag, score };
}

/** The nodes in which all words are found, the best first; of equal ones those nearest to readers. */
export function find(nodes: readonly CatalogNode[], text: string, limit: number): readonly Found[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  return nodes
    .flatMap((node, i) => {
      const found = match(node, words);
      return found ? [{ found, i }] : [];
    })
    .sort((a, b) => b.found.score - a.found.score || b.i - a.i)
    .slice(0, limit)
    .map(({ found }) => found);
}
