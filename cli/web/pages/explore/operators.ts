import type { Comparison } from '../../../serve/parse/tree.ts';
import type { ProjectColumn } from '../../../serve/ui/shapes.ts';
import { addDays } from '../../parts/days.ts';
import { dayOf, isMoment, startOf } from './moments.ts';
import { patternOf, readPattern } from './patterns.ts';
import type { Filter } from './view.ts';

/** What people are offered to filter by, in their words; the API has fewer. */
export type OperatorName =
  | ('is' | 'isNot' | 'oneOf' | 'noneOf' | 'contains' | 'containsNot' | 'begins' | 'ends')
  | ('above' | 'atLeast' | 'below' | 'atMost' | 'between')
  | ('on' | 'from' | 'before' | 'until' | 'betweenDays')
  | ('true' | 'false' | 'holds' | 'empty' | 'notEmpty');

/** What has to be given: a text, several, one or two days, nothing. */
export type Given = 'text' | 'texts' | 'two texts' | 'day' | 'two days' | 'nothing';

export interface Draft {
  readonly operator: OperatorName;
  readonly values: readonly string[];
}

const given: Readonly<Partial<Record<OperatorName, Given>>> = {
  ...{ oneOf: 'texts', noneOf: 'texts', between: 'two texts', betweenDays: 'two days' },
  ...{ on: 'day', from: 'day', before: 'day', until: 'day' },
  ...{ true: 'nothing', false: 'nothing', empty: 'nothing', notEmpty: 'nothing' },
};

export function givenTo(operator: OperatorName): Given {
  return given[operator] ?? 'text';
}

const emptiness = ['empty', 'notEmpty'] as const;
const order = ['is', 'isNot', 'atLeast', 'above', 'atMost', 'below', 'between'] as const;
const lists = ['oneOf', 'noneOf'] as const;
const patterns = ['contains', 'containsNot', 'begins', 'ends'] as const;
const days = ['betweenDays', 'on', 'from', 'before'] as const;

/** What a column can be filtered by; the first is the one that most will want. */
export function operatorsOf({ kind, type, accepted }: ProjectColumn): readonly OperatorName[] {
  switch (kind) {
    case 'boolean':
      return ['true', 'false', ...emptiness];
    case 'number':
      return accepted ? [...lists, ...order, ...emptiness] : [...order, ...lists, ...emptiness];
    case 'time':
      if (type === 'date') return [...days, 'until', ...emptiness];
      // Up to a day is before the next one: the API cannot tell them apart.
      return isMoment(type) ? [...days, ...emptiness] : [...order, ...emptiness];
    case 'text': {
      // An enumeration and a uuid have no patterns.
      const own = /^(text|character|"?char|bpchar|citext|name)/.test(type) || (!accepted && type !== 'uuid');
      return [
        ...(accepted ? lists : []),
        ...(own && type !== 'uuid' ? patterns : []),
        ...(['is', 'isNot'] as const),
        ...(accepted ? [] : lists),
        ...emptiness,
      ];
    }
    case 'other':
      if (type === 'json') return emptiness;
      return type === 'jsonb' || type.endsWith('[]') ? ['holds', ...emptiness] : [...order, ...emptiness];
  }
}

const comparisons = {
  is: 'eq',
  isNot: 'neq',
  above: 'gt',
  atLeast: 'gte',
  below: 'lt',
  atMost: 'lte',
  holds: 'cs',
} as const;

/** @param draft its values are those that the operator takes */
export function toFilter({ name: column, type }: ProjectColumn, { operator, values }: Draft): Filter {
  const [first = '', second = ''] = values;
  const filter = (comparison: Comparison, isNegated = false): Filter => ({
    ...{ kind: 'filter', column, isNegated, comparison },
  });
  const compare = (operator: Extract<Comparison, { kind: 'compare' }>['operator'], value: string) =>
    filter({ kind: 'compare', operator, quantifier: undefined, value });
  const between = (from: string, to: string, isClosed: boolean): Filter => ({
    ...{ kind: 'between', column, from, to, isClosed },
  });
  const after = (day: string) => startOf(addDays(day, 1), type);
  switch (operator) {
    case 'oneOf':
    case 'noneOf':
      return filter({ kind: 'in', values }, operator === 'noneOf');
    case 'contains':
    case 'containsNot':
    case 'begins':
    case 'ends':
      return filter(patternOf(operator, first), operator === 'containsNot');
    case 'between':
      return between(first, second, true);
    case 'on':
      return isMoment(type) ? between(startOf(first, type), after(first), false) : compare('eq', first);
    case 'betweenDays':
      return isMoment(type)
        ? between(startOf(first, type), after(second), false)
        : between(first, second, true);
    case 'from':
      return compare('gte', startOf(first, type));
    case 'before':
      return compare('lt', startOf(first, type));
    case 'until':
      return compare('lte', first);
    case 'true':
    case 'false':
      return filter({ kind: 'is', value: operator });
    case 'empty':
      return filter({ kind: 'is', value: 'null' });
    case 'notEmpty':
      return filter({ kind: 'is', value: 'not_null' });
    default:
      return compare(comparisons[operator], first);
  }
}

/** A filter in people's words; undefined: there are none for it, but the API's. */
export function toDraft(column: ProjectColumn, filter: Filter): Draft | undefined {
  const known = operatorsOf(column);
  const draft = draftOf(column, filter);
  return draft && known.includes(draft.operator) ? draft : undefined;
}

function draftOf({ kind, type }: ProjectColumn, filter: Filter): Draft | undefined {
  const isOfDays = kind === 'time' && (isMoment(type) || type === 'date');
  if (filter.kind === 'between') {
    const { from, to, isClosed } = filter;
    if (!isOfDays) return isClosed ? { operator: 'between', values: [from, to] } : undefined;
    const [first, end] = [dayOf(from, type), dayOf(to, type)];
    if (first === undefined || end === undefined || (isClosed && isMoment(type))) return undefined;
    const last = isClosed ? end : addDays(end, -1);
    return first === last && isMoment(type)
      ? { operator: 'on', values: [first] }
      : { operator: 'betweenDays', values: [first, last] };
  }
  const { comparison, isNegated } = filter;
  if (comparison.kind === 'in')
    return { operator: isNegated ? 'noneOf' : 'oneOf', values: comparison.values };
  if (comparison.kind === 'is') {
    const operator = { null: 'empty', not_null: 'notEmpty', true: 'true', false: 'false' } as const;
    return isNegated || comparison.value === 'unknown'
      ? undefined
      : { operator: operator[comparison.value], values: [] };
  }
  if (comparison.kind === 'search' || comparison.quantifier !== undefined) return undefined;
  const pattern = readPattern(comparison);
  if (pattern) {
    if (!isNegated) return { operator: pattern.operator, values: [pattern.text] };
    return pattern.operator === 'contains' ? { operator: 'containsNot', values: [pattern.text] } : undefined;
  }
  if (isNegated) return undefined;
  const { operator, value } = comparison;
  if (isOfDays) {
    const day = dayOf(value, type);
    const ofDay = { eq: 'on', gte: 'from', lte: 'until', lt: 'before' } as const;
    const word = ofDay[operator as keyof typeof ofDay];
    const isWhole = !isMoment(type) || operator === 'gte' || operator === 'lt';
    return day !== undefined && word && isWhole ? { operator: word, values: [day] } : undefined;
  }
  const found = Object.entries(comparisons).find(([, written]) => written === operator)?.[0];
  return found === undefined ? undefined : { operator: found as OperatorName, values: [value] };
}
