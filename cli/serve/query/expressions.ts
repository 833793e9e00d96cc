import { type RawBuilder, sql } from 'kysely';
import type { ColumnType } from '../catalog/catalog.js';
import type { Comparison, IsValue, SearchOperator, ValueOperator } from '../parse/tree.js';
import type { Expression, Predicate, Sort } from '../resolve/query.js';

// What a URL says reaches the statement as a bound parameter, and in no other way; names come from the catalog, operators from the tables below.

export type Fragment = RawBuilder<unknown>;

export function expression(value: Expression): Fragment {
  switch (value.kind) {
    case 'column':
      return sql`${sql.id(value.of, value.name)}`;
    case 'computed':
      return sql`${sql.id(value.schema, value.name)}(${sql.id(value.of)})`;
    case 'json':
      return value.path.reduce(
        (of, { arrow, key }) =>
          typeof key === 'number'
            ? sql`(${of} ${sql.raw(arrow)} ${key}::int4)`
            : sql`(${of} ${sql.raw(arrow)} ${key}::text)`,
        json(value.value),
      );
    case 'cast':
      return sql`(${expression(value.value)})::${sql.raw(value.type.sql)}`;
    case 'aggregate':
      return sql`${sql.raw(value.name)}(${value.value ? expression(value.value) : sql`*`})`;
    case 'embedded': {
      const given = sql.id(value.of, value.output);
      return value.ifNone === 'empty' ? sql`coalesce(${given}, '[]')` : sql`${given}`;
    }
  }
}

/** Arrows work on JSON; composites and arrays are turned into it. */
function json(value: Expression): Fragment {
  const of = expression(value);
  return (value.kind === 'column' || value.kind === 'computed') &&
    !['json', 'jsonb'].includes(value.type.base)
    ? sql`to_jsonb(${of})`
    : of;
}

export function sort({ value, place, direction, nulls }: Sort): Fragment {
  return sql`${place === undefined ? expression(value) : sql.raw(String(place))} ${sql.raw(direction)}${sql.raw(nulls ? ` nulls ${nulls}` : '')}`;
}

export function predicate(condition: Predicate): Fragment {
  if (condition.kind === 'embedded')
    return sql`${sql.id(condition.of, 'found')} is ${sql.raw(condition.exists ? '' : 'not')} true`;
  const positive =
    condition.kind === 'comparison'
      ? comparison(condition)
      : sql`(${sql.join(condition.predicates.map(predicate), sql.raw(` ${condition.kind} `))})`;
  return condition.isNegated ? sql`not ${positive}` : positive;
}

const operators: Readonly<Record<ValueOperator, string>> = {
  ...{ eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' },
  ...{ like: 'like', ilike: 'ilike', match: '~', imatch: '~*', isdistinct: 'is distinct from' },
  ...{ cs: '@>', cd: '<@', ov: '&&', sl: '<<', sr: '>>', nxr: '&<', nxl: '&>', adj: '-|-' },
};

const patterns: readonly string[] = ['like', 'ilike', 'match', 'imatch'];

const searches: Readonly<Record<SearchOperator, string>> = {
  ...{ fts: 'to_tsquery', plfts: 'plainto_tsquery', phfts: 'phraseto_tsquery', wfts: 'websearch_to_tsquery' },
};

const isTests: Readonly<Record<IsValue, string>> = {
  ...{ null: 'null', not_null: 'not null', true: 'true', false: 'false', unknown: 'unknown' },
};

type ComparisonOf<Kind> = Extract<Comparison, { kind: Kind }>;

function comparison({
  value,
  type,
  comparison: asked,
}: Extract<Predicate, { kind: 'comparison' }>): Fragment {
  const left = expression(value);
  switch (asked.kind) {
    case 'is':
      return sql`${left} is ${sql.raw(isTests[asked.value])}`;
    case 'in':
      return sql`${left} ${inList(asked, operandType(value, type))}`;
    case 'search':
      return search(left, value, asked);
    case 'compare':
      return compare(left, asked, operandType(value, type));
  }
}

/** What a bound text stands for on the right of an operator: the column's own type, text behind `->>`, JSON behind `->`. */
function operandType(value: Expression, type: ColumnType | undefined): Pick<ColumnType, 'sql' | 'array'> {
  if (type) return type;
  return value.kind === 'json' && value.path.at(-1)!.arrow === '->'
    ? { sql: 'pg_catalog.jsonb', array: 'pg_catalog._jsonb' }
    : { sql: 'pg_catalog.text', array: 'pg_catalog._text' };
}

function inList(
  { values }: ComparisonOf<'in'>,
  { sql: type, array }: Pick<ColumnType, 'sql' | 'array'>,
): Fragment {
  return array === undefined
    ? sql`in (${sql.join(values.map((value) => sql`${value}::text::${sql.raw(type)}`))})`
    : sql`= any(${arrayLiteral(values)}::text::${sql.raw(array)})`;
}

/** An array of text as Postgres reads it: one parameter, however many values, so that the statement stays the same. */
export function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`;
}

function compare(
  left: Fragment,
  { operator, quantifier, value }: ComparisonOf<'compare'>,
  type: Pick<ColumnType, 'sql' | 'array'>,
): Fragment {
  const isPattern = patterns.includes(operator);
  const word = sql.raw(operators[operator]);
  if (quantifier) {
    const array = isPattern ? 'pg_catalog._text' : (type.array ?? type.sql);
    return sql`${left} ${word} ${sql.raw(quantifier)} (${value}::text::${sql.raw(array)})`;
  }
  return isPattern
    ? sql`${left} ${word} ${value}::text`
    : sql`${left} ${word} ${value}::text::${sql.raw(type.sql)}`;
}

function search(
  left: Fragment,
  of: Expression,
  { operator, language, value }: ComparisonOf<'search'>,
): Fragment {
  const config = language === undefined ? sql`` : sql`${language}::text::pg_catalog.regconfig, `;
  const isVector = (of.kind === 'column' || of.kind === 'computed') && of.type.base === 'tsvector';
  const document = isVector ? left : sql`to_tsvector(${config}${left})`;
  return sql`${document} @@ ${sql.raw(searches[operator])}(${config}${value}::text)`;
}
