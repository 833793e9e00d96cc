import type { Condition, Field, Query } from './parse.ts';

export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
/** Of no type yet, as PostgREST sends its parameters: Postgres takes the type of what stands on the other side. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

const operators: Readonly<Record<string, string>> = {
  eq: '=',
  neq: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
};

/** @param rows how many at most, and behind how many */
export function rowsSql(
  table: string,
  query: Query,
  rows: { limit: number | undefined; offset: number },
): string {
  const order = query.order.map(
    ({ column, descending, nulls }) =>
      `${identifier(column)}${descending ? ' desc' : ' asc'}${nulls ? ` nulls ${nulls}` : ''}`,
  );
  return `select ${query.select.map(fieldSql).join(', ')} from ${table}${whereSql(query)}${
    order.length > 0 ? ` order by ${order.join(', ')}` : ''
  }${rows.limit === undefined ? '' : ` limit ${rows.limit}`} offset ${rows.offset}`;
}

/** The rows as one JSON text, made in Postgres. */
export function bodySql(rows: string): string {
  return `with source as (${rows}) select count(*)::int as rows, coalesce(json_agg(t), '[]')::text as body from (select * from source) t`;
}

/** @param most rows to count at most */
export function countSql(table: string, query: Query, most?: number): string {
  return `select count(*)::int as total from (select 1 from ${table}${whereSql(query)}${most === undefined ? '' : ` limit ${most}`}) t`;
}

export function planSql(table: string, query: Query): string {
  return `explain (format json) select 1 from ${table}${whereSql(query)}`;
}

function fieldSql(field: Field): string {
  if (field.star) return '*';
  const column = identifier(field.column);
  const value = field.cast === undefined ? column : `cast(${column} as ${field.cast})`;
  return field.alias === undefined ? value : `${value} as ${identifier(field.alias)}`;
}

function whereSql({ where }: Query): string {
  return where.length === 0 ? '' : ` where ${where.map(conditionSql).join(' and ')}`;
}

function conditionSql(condition: Condition): string {
  const not = condition.isNot ? 'not ' : '';
  if (condition.kind === 'group')
    return `${not}(${condition.of.map(conditionSql).join(` ${condition.joined} `)})`;
  const column = identifier(condition.column);
  const { values } = condition;
  if (condition.kind === 'in') return `${not}${column} in (${values.map(literal).join(', ')})`;
  if (condition.kind === 'is') return `${not}${column} is ${values[0]!.replace('_', ' ')}`;
  return `${not}${column} ${operators[condition.operator]} ${literal(values[0]!)}`;
}
