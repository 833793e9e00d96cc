import type { Comparison } from '../../../serve/parse/tree.ts';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { identifier, quote } from '../../parts/dialect.ts';
import { type Filter, figureNames, type Group } from './view.ts';

export type Parameter = readonly [name: string, value: string];

/** As names of parameters these mean something else; in quotes they are columns. */
const parameterWords: readonly string[] = ['select', 'columns', 'on_conflict'];
/** These mean something else even in quotes. */
const clauseWords: readonly string[] = ['order', 'limit', 'offset', 'and', 'or'];

/** A column as the name of a parameter; undefined where it can only be filtered within `and=(...)`. */
export function parameterName(column: string): string | undefined {
  if (clauseWords.includes(column)) return undefined;
  return parameterWords.includes(column) ? quote(column) : identifier(column);
}

/** A filter as the API reads it. */
export function writeFilter(filter: Filter): Parameter {
  const name = parameterName(filter.column);
  if (filter.kind === 'between') return ['and', `(${branchesOf(filter).join(',')})`];
  return name === undefined
    ? ['and', `(${branchesOf(filter).join(',')})`]
    : [name, `${filter.isNegated ? 'not.' : ''}${writeComparison(filter.comparison, (value) => value)}`];
}

/** A filter as it stands within `and` and `or`. */
export function branchesOf(filter: Filter): readonly string[] {
  const column = clauseWords.includes(filter.column) ? quote(filter.column) : identifier(filter.column);
  if (filter.kind === 'between')
    return [
      `${column}.gte.${writeListed(filter.from)}`,
      `${column}.${filter.isClosed ? 'lte' : 'lt'}.${writeListed(filter.to)}`,
    ];
  return [`${column}.${filter.isNegated ? 'not.' : ''}${writeComparison(filter.comparison, writeListed)}`];
}

/** A value among others; in quotes where a character of it means something there. */
export function writeListed(value: string): string {
  return /^[\p{L}\p{N}_+:.-]+$/u.test(value) ? value : quote(value);
}

function writeComparison(comparison: Comparison, write: (value: string) => string): string {
  switch (comparison.kind) {
    case 'in':
      return `in.(${comparison.values.map(writeListed).join(',')})`;
    case 'is':
      return `is.${comparison.value}`;
    case 'search':
    case 'compare':
      return `${operatorOf(comparison)}.${write(patternSafe(comparison))}`;
  }
}

type Valued = Extract<Comparison, { kind: 'compare' | 'search' }>;

/** `eq`, `like(any)`, `fts(portuguese)` */
export function operatorOf(comparison: Valued): string {
  const detail = comparison.kind === 'search' ? comparison.language : comparison.quantifier;
  return `${comparison.operator}${detail === undefined ? '' : `(${detail})`}`;
}

/** The API reads `*` as `%` in patterns: a percent sign would be hard to read in a URL. */
function patternSafe(comparison: Valued): string {
  const isPattern = comparison.operator === 'like' || comparison.operator === 'ilike';
  return isPattern ? comparison.value.replaceAll('%', '*') : comparison.value;
}

/** Groups as `select` writes them: `cidade,count(),receita_sum:receita.sum()`. */
export function writeGroup(group: Group, relation: ProjectRelation): string {
  const names = figureNames(group, relation);
  return [
    ...group.columns.map(identifier),
    ...group.figures.map(({ aggregate, column }, i) => {
      const alias = names[i] === 'count' ? '' : `${identifier(names[i]!)}:`;
      return `${alias}${column === null ? '' : `${identifier(column)}.`}${aggregate}()`;
    }),
  ].join(',');
}

/** Parameters as a query that people can read; safe in single quotes of a shell and of JavaScript. */
export function writeQuery(parameters: readonly Parameter[]): string {
  return parameters.map((pair) => pair.map(encode).join('=')).join('&');
}

export function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27').replaceAll('%2C', ',').replaceAll('%3A', ':');
}
