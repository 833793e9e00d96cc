import { quoteLiteral } from '../../database/identifiers.js';
import type { DataTest } from '../rule.js';

type RowCount = { min?: number; max?: number; equals?: number };

function isRowCount(argument: unknown): argument is RowCount {
  if (typeof argument !== 'object' || argument === null || Array.isArray(argument)) return false;
  const entries = Object.entries(argument);
  return (
    entries.length > 0 &&
    entries.every(
      ([key, value]) =>
        ['min', 'max', 'equals'].includes(key) && Number.isSafeInteger(value) && (value as number) >= 0,
    )
  );
}

export const rowCount: DataTest = {
  level: 'model',
  problem: (argument) => (isRowCount(argument) ? undefined : 'takes { min: 1, max: 100 } or { equals: 12 }'),
  title: (argument) =>
    `row_count ${Object.entries(argument as RowCount)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}`,
  rule(argument) {
    const { min, max, equals } = argument as RowCount;
    const broken = [
      ...(min === undefined ? [] : [`count(*) < ${min}`]),
      ...(max === undefined ? [] : [`count(*) > ${max}`]),
      ...(equals === undefined ? [] : [`count(*) <> ${equals}`]),
    ];
    return {
      kind: 'aggregate',
      failures: `case when ${broken.join(' or ')} then 1 else 0 end`,
      show: `json_build_object('rows', count(*))`,
    };
  },
};

export const freshness: DataTest = {
  level: 'column',
  problem(argument) {
    const within = (argument as { within?: unknown } | null)?.within;
    return typeof within === 'string' &&
      Object.keys(argument as object).length === 1 &&
      /^\d+ (second|minute|hour|day|week|month|year)s?$/.test(within)
      ? undefined
      : "takes { within: '1 day' }";
  },
  title: (argument, declaration) =>
    `freshness within ${(argument as { within: string }).within} (${declaration.column})`,
  rule(argument, { column }) {
    const within = quoteLiteral((argument as { within: string }).within);
    // An empty relation is not fresh.
    return {
      kind: 'aggregate',
      failures: `case when max(${column}) >= now() - interval ${within} then 0 else 1 end`,
      show: `json_build_object('latest', max(${column}))`,
    };
  },
};
