import { readField } from './field.js';
import type { Reader } from './reader.js';
import {
  type Comparison,
  type Condition,
  type IsValue,
  isValues,
  quantifiedOperators,
  type SearchOperator,
  searchOperators,
  type ValueOperator,
  valueOperators,
} from './tree.js';

const negation = /not\./y;
const isValue = new RegExp(`is\\.(${isValues.join('|')})(?=[,)]|$)`, 'iy');
const compared = new RegExp(`(${valueOperators.join('|')})(?:\\((any|all)\\))?\\.`, 'y');
const searched = new RegExp(`(${searchOperators.join('|')})(?:\\(([\\p{L}\\p{N}_]+)\\))?\\.`, 'uy');
const listElement = /[^,)]*/y;
const treeValue = /[^,)]*/y;
const operatorNames = [...valueOperators, 'in', 'is', ...searchOperators].join(', ');

const operator = new RegExp(
  `^(?:not\\.)?(?:(?:${valueOperators.join('|')})(?:\\((?:any|all)\\))?|in|is|(?:${searchOperators.join('|')})(?:\\([^)]*\\))?)\\.`,
  'i',
);

/** Whether a parameter's value begins as a filter does: `eq.5`. */
export function looksLikeFilter(value: string): boolean {
  return operator.test(value);
}

/** The value of a column's parameter: `not.eq.5`, to the end of the text. */
export function readFilter(
  reader: Reader,
): Pick<Extract<Condition, { kind: 'filter' }>, 'isNegated' | 'comparison'> {
  const isNegated = reader.match(negation) !== undefined;
  const comparison = readComparison(reader, () => {
    const value = reader.text.slice(reader.position);
    reader.position = reader.text.length;
    return value;
  });
  if (!reader.isAtEnd) reader.fail('the end');
  return { isNegated, comparison };
}

/** The value of `and`, `or`: `(a.eq.1,not.or(b.gt.2,c.is.null))`. */
export function readTree(reader: Reader, kind: 'and' | 'or', isNegated: boolean): Condition {
  const tree = readList(reader, kind, isNegated);
  if (!reader.isAtEnd) reader.fail('the end');
  return tree;
}

function readList(reader: Reader, kind: 'and' | 'or', isNegated: boolean): Condition {
  return {
    kind,
    isNegated,
    conditions: reader.inParentheses(() => reader.separated(() => readBranch(reader))),
  };
}

const subtree = /(not\.)?(and|or)(?=\()/y;

function readBranch(reader: Reader): Condition {
  while (reader.take(' '));
  const found = reader.match(subtree);
  if (found) return readList(reader, found[2] as 'and' | 'or', found[1] !== undefined);
  const field = readField(reader);
  reader.expect('.');
  const isNegated = reader.match(negation) !== undefined;
  return {
    kind: 'filter',
    field,
    isNegated,
    comparison: readComparison(reader, () => readTreeValue(reader)),
  };
}

/** A value inside a tree ends at `,` or `)`; quotes and braces keep those. */
function readTreeValue(reader: Reader): string {
  const quoted = reader.attempt(() => {
    const value = reader.quoted();
    if (value === undefined || !(reader.isAtEnd || reader.looksAt(',') || reader.looksAt(')')))
      reader.fail('a value');
    return value as string;
  });
  return quoted ?? readBraces(reader) ?? reader.match(treeValue)![0];
}

/** `{1,{2,3}}`: an array, whole. */
function readBraces(reader: Reader): string | undefined {
  if (!reader.looksAt('{')) return undefined;
  let depth = 0;
  let inQuotes = false;
  for (let at = reader.position; at < reader.text.length; at++) {
    const character = reader.text[at];
    if (inQuotes && character === '\\') at++;
    else if (character === '"') inQuotes = !inQuotes;
    else if (!inQuotes && character === '{') depth++;
    else if (!inQuotes && character === '}' && --depth === 0) {
      const value = reader.text.slice(reader.position, at + 1);
      reader.position = at + 1;
      return value;
    }
  }
  return undefined;
}

function readComparison(reader: Reader, readValue: () => string): Comparison {
  if (reader.take('in.'))
    return {
      kind: 'in',
      values: reader.inParentheses(() => reader.separated(() => readListElement(reader))),
    };
  const is = reader.match(isValue)?.[1];
  if (is !== undefined) return { kind: 'is', value: is.toLowerCase() as IsValue };
  if (reader.looksAt('is.')) {
    reader.expect('is.');
    reader.fail(isValues.join(', '));
  }
  const search = reader.match(searched);
  if (search) {
    const [, operator, language] = search;
    return { kind: 'search', operator: operator as SearchOperator, language, value: readValue() };
  }
  const start = reader.position;
  const comparison = reader.match(compared);
  if (!comparison) return reader.fail(`an operator (${operatorNames})`);
  const [, operator, quantifier] = comparison;
  if (quantifier && !quantifiedOperators.includes(operator!)) {
    reader.position = start;
    reader.fail(`${operator} without any or all`);
  }
  return {
    kind: 'compare',
    operator: operator as ValueOperator,
    quantifier: quantifier as 'any' | 'all' | undefined,
    // In a URL a percent sign would have to be written as %25.
    value: operator === 'like' || operator === 'ilike' ? readValue().replaceAll('*', '%') : readValue(),
  };
}

function readListElement(reader: Reader): string {
  const quoted = reader.attempt(() => {
    const value = reader.quoted();
    if (value === undefined || !(reader.looksAt(',') || reader.looksAt(')'))) reader.fail('a value');
    return value as string;
  });
  return quoted ?? reader.match(listElement)![0];
}
