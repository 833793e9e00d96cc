import type { Judge } from './judge.js';

/** Operators of the API. @see docs/serve.md#reading */
const operators: readonly string[] = [
  ...['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch', 'in', 'is', 'isdistinct'],
  ...['fts', 'plfts', 'phfts', 'wfts', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'],
];
const logic = ['or', 'and', 'not.or', 'not.and'];
const otherParameters = ['select', 'order', 'limit', 'offset'];

/** `ativo=is.true`, `or=(a.eq.1,b.gt.2)`. @throws MedallionError MDL1212 */
export function checkCondition(judge: Judge, condition: string): void {
  const [, name, value] = /^([^=]+)=(.+)$/s.exec(condition) ?? [];
  if (name === undefined || value === undefined)
    judge.wrong(
      ['where'],
      `"${condition}" is no condition of the API.`,
      'Write it as in a URL: ativo=is.true.',
    );
  if (otherParameters.includes(name))
    judge.wrong(['where'], `"${name}" is no condition.`, 'A chart has sort, limit and columns for that.');
  if (!logic.includes(name)) {
    judge.column(columnOf(name), ['where']);
    checkOperator(judge, value);
    return;
  }
  if (!/^\(.+\)$/s.test(value))
    judge.wrong(['where'], `"${condition}" lacks its parentheses.`, `Write ${name}=(a.eq.1,b.eq.2).`);
  // Values in quotes and lists may contain anything.
  const bare = value
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\.in\.\([^()]*\)/g, '.in.x')
    .replaceAll(/\{[^{}]*\}/g, '');
  for (const [, column, rest] of bare.matchAll(/(?<=[(,])(?!(?:not\.)?(?:and|or)\()([^.,()]+)\.([^,()]*)/g)) {
    judge.column(columnOf(column!), ['where']);
    checkOperator(judge, rest!);
  }
}

/** `is.true`, `not.in.(a,b)`, `like(all).{a*,*b}`, `fts(portuguese).praia` */
function checkOperator(judge: Judge, value: string): void {
  const [operator] = value.replace(/^not\./, '').split(/[.(]/, 1);
  if (!operators.includes(operator!) || !value.includes('.'))
    judge.wrong(
      ['where'],
      `"${value}" has no operator of the API in front.`,
      `Is it an equality? Then write eq.${value}. Known: ${operators.slice(0, 13).join(', ')}.`,
    );
}

/** `receita.desc,nome.asc.nullslast` @throws MedallionError MDL1212 */
export function checkSort(judge: Judge, sort: string): void {
  for (const part of sort.split(',')) {
    const [, name, suffix] = /^\s*(.*?)((?:\.(?:asc|desc|nullsfirst|nullslast))*)\s*$/s.exec(part)!;
    judge.column(columnOf(name!), ['sort']);
    if (suffix && !/^(\.(asc|desc))?(\.nulls(first|last))?$/.test(suffix))
      judge.wrong(['sort'], `"${part.trim()}" is no order of the API.`, 'Write receita.desc.nullslast.');
  }
}

/** The column of a path into JSON, without the quotes that some names need. */
function columnOf(name: string): string {
  return name.replace(/->.*$/s, '').replace(/^"(.*)"$/s, '$1');
}
