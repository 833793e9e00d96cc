import { readFilter, readTree } from './condition.js';
import { readPath } from './field.js';
import { readOrder } from './order.js';
import { Reader } from './reader.js';
import { readSelect } from './select.js';
import type { Clauses, Condition, Field, OrderTerm, UrlTree } from './tree.js';

/** Bounds on what a URL may ask for. */
export interface UrlLimits {
  /** Levels of parentheses, of embedded relations and of logic. */
  readonly depth: number;
}

interface GrowingClauses {
  conditions: Condition[];
  order: readonly OrderTerm[];
  limit: number | undefined;
  offset: number | undefined;
}

/**
 * Reads the parameters of a URL, decoded, in their order.
 * @see https://docs.postgrest.org/en/v13/references/api/tables_views.html
 * @throws UrlSyntaxError
 */
export function parseUrl(parameters: Iterable<readonly [string, string]>, limits: UrlLimits): UrlTree {
  const read = (text: string) => new Reader(text, limits.depth);
  const root = noClauses();
  const embedded = new Map<string, { path: readonly string[]; clauses: GrowingClauses }>();
  const clausesAt = (path: readonly string[]) => {
    if (path.length === 0) return root;
    const key = path.join('.');
    const found = embedded.get(key) ?? { path, clauses: noClauses() };
    embedded.set(key, found);
    return found.clauses;
  };
  let select: UrlTree['select'] = [{ kind: 'all' }];
  for (const [key, value] of parameters) {
    if (key === 'select') {
      select = readSelect(read(value));
      continue;
    }
    if (key === 'columns' || key === 'on_conflict') continue;
    const { path, word, field } = readKey(read(key));
    const clauses = clausesAt(path);
    switch (word) {
      case 'order':
        clauses.order = readOrder(read(value));
        break;
      case 'limit':
      case 'offset':
        clauses[word] = readCount(read(value));
        break;
      case 'and':
      case 'or':
      case 'not.and':
      case 'not.or':
        clauses.conditions.push(
          readTree(read(value), word.endsWith('and') ? 'and' : 'or', word.startsWith('not')),
        );
        break;
      default:
        clauses.conditions.push({ kind: 'filter', field: field!, ...readFilter(read(value)) });
    }
  }
  return { select, root, embedded };
}

function noClauses(): GrowingClauses & Clauses {
  return { conditions: [], order: [], limit: undefined, offset: undefined };
}

type Word = 'order' | 'limit' | 'offset' | 'and' | 'or' | 'not.and' | 'not.or';
const words: readonly string[] = ['order', 'limit', 'offset', 'and', 'or'];

/** Whether a parameter is about the rows as such, and not about a column: `select`, `order`, `clientes.limit`. */
export function isClause(key: string): boolean {
  return (
    ['select', 'columns', 'on_conflict'].includes(key) || words.includes(key.slice(key.lastIndexOf('.') + 1))
  );
}

/** `clientes.cidade`, `or`, `itens.not.and`, `data->>x`: which relation, and what of it. */
function readKey(reader: Reader): {
  path: string[];
  word: Word | undefined;
  field: Field | undefined;
} {
  const names = [reader.name()];
  while (reader.take('.')) names.push(reader.name());
  const path = readPath(reader);
  if (!reader.isAtEnd) reader.fail('the end');
  const last = names.pop()!;
  if (path.length === 0 && words.includes(last)) {
    const isNegated = (last === 'and' || last === 'or') && names.at(-1) === 'not';
    if (isNegated) names.pop();
    return { path: names, word: (isNegated ? `not.${last}` : last) as Word, field: undefined };
  }
  return { path: names, word: undefined, field: { name: last, path } };
}

const digits = /\d{1,15}/y;

function readCount(reader: Reader): number {
  const found = reader.match(digits)?.[0];
  if (found === undefined || !reader.isAtEnd) return reader.fail('a whole number');
  return Number(found);
}
