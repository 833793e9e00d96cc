import { quoteIdentifier, quoteLiteral } from '../../database/identifiers.js';
import type { TestDeclaration } from '../../project/model.js';
import type { DataTest } from '../rule.js';

const columnOf = (declaration: TestDeclaration) => declaration.column ?? '';
const isScalar = (value: unknown): value is string | number | boolean | Date =>
  ['string', 'number', 'boolean'].includes(typeof value) || value instanceof Date;
const bare = (argument: unknown) => (argument === true || argument === null ? undefined : 'takes no value');

/** A YAML value as an untyped SQL literal: Postgres gives it the column's type. */
function literal(value: unknown): string {
  return quoteLiteral(value instanceof Date ? value.toISOString() : String(value));
}

export const notNull: DataTest = {
  level: 'column',
  problem: bare,
  title: (_, declaration) => `not_null (${columnOf(declaration)})`,
  rule: (_, { column }) => ({ kind: 'row', breaks: `${column} is null` }),
};

export const acceptedValues: DataTest = {
  level: 'column',
  problem: (argument) =>
    Array.isArray(argument) && argument.length > 0 && argument.every(isScalar)
      ? undefined
      : 'takes a list of values: [a, b]',
  title: (argument, declaration) =>
    `accepted_values (${columnOf(declaration)}: ${(argument as unknown[]).map(String).join(', ')})`,
  rule: (argument, { column }) => ({
    kind: 'row',
    breaks: `${column} not in (${(argument as unknown[]).map(literal).join(', ')})`,
  }),
};

export const between: DataTest = {
  level: 'column',
  problem: (argument) =>
    Array.isArray(argument) &&
    argument.length === 2 &&
    argument.every((bound) => bound === null || isScalar(bound)) &&
    argument.some((bound) => bound !== null)
      ? undefined
      : 'takes [min, max]; one of them may be null',
  title(argument, declaration) {
    const [min, max] = argument as [unknown, unknown];
    const words =
      min === null
        ? `at most ${String(max)}`
        : max === null
          ? `at least ${String(min)}`
          : `between ${String(min)} and ${String(max)}`;
    return `${words} (${columnOf(declaration)})`;
  },
  rule(argument, { column }) {
    const [min, max] = argument as [unknown, unknown];
    const parts = [
      ...(min === null ? [] : [`${column} < ${literal(min)}`]),
      ...(max === null ? [] : [`${column} > ${literal(max)}`]),
    ];
    return { kind: 'row', breaks: parts.join(' or ') };
  },
};

export const matches: DataTest = {
  level: 'column',
  problem: (argument) =>
    typeof argument === 'string' && argument !== '' ? undefined : "takes a regular expression: '^[0-9]+$'",
  title: (argument, declaration) => `matches ${String(argument)} (${columnOf(declaration)})`,
  rule: (argument, { column }) => ({
    kind: 'row',
    breaks: `${column}::text !~ ${quoteLiteral(String(argument))}`,
  }),
};

export const expression: DataTest = {
  level: 'both',
  problem: (argument) =>
    typeof argument === 'string' && argument.trim() !== ''
      ? undefined
      : "takes an SQL condition: 'total >= 0'",
  title: (argument, declaration) =>
    `expression ${String(argument)}${declaration.column ? ` (${declaration.column})` : ''}`,
  // Null passes, as in a check constraint.
  rule: (argument) => ({ kind: 'row', breaks: `not (${String(argument)}\n)` }),
};

function uniqueColumns(argument: unknown, { column }: TestDeclaration): readonly string[] {
  return column === undefined ? (argument as string[]) : [column];
}

export const unique: DataTest = {
  level: 'both',
  problem: (argument, declaration) =>
    declaration.column !== undefined
      ? bare(argument)
      : Array.isArray(argument) && argument.length > 0 && argument.every((name) => typeof name === 'string')
        ? undefined
        : 'takes a list of columns: [a, b]',
  title: (argument, declaration) => `unique (${uniqueColumns(argument, declaration).join(', ')})`,
  columns: uniqueColumns,
  rule(argument, _, declaration) {
    const columns = uniqueColumns(argument, declaration).map(quoteIdentifier);
    const list = columns.join(', ');
    return {
      kind: 'query',
      failing: (source) =>
        `select ${list}, count(*) as rows from ${source} where ${columns.map((name) => `${name} is not null`).join(' and ')} group by ${list} having count(*) > 1`,
    };
  },
};
