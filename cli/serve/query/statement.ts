import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import type { JoinColumns } from '../catalog/catalog.js';
import type { Embed, Grouping, RowsQuery } from '../resolve/query.js';
import { arrayLiteral, expression, type Fragment, predicate, sort } from './expressions.js';

/** Only compiles: statements run on the pool that they are meant for. */
const compiler = new Kysely<never>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/**
 * How a row comes back, as text: a JSON object; one without the keys that are null; a JSON array of texts in the order of the outputs; the JSON of its only
 * output; or a GeoJSON feature, made by the function of that name.
 */
export type RowFormat = 'object' | 'stripped' | 'texts' | 'value' | { readonly feature: string };

/** Between rows, as PostgREST writes it. */
export const separator = ',\n ';

export interface StatementOptions {
  readonly format: RowFormat;
  /** `total`: the number of all rows, limit and offset aside, comes with each row, and with one row of null where there is none. */
  readonly countsAll: boolean;
  /** `rows`: the number of rows within limit and offset comes with each. */
  readonly countsPage: boolean;
  /** All rows come as one, joined by `separator`, with their number as `rows`. */
  readonly isJoined: boolean;
}

/** The statement whose rows hold `row` (text) and, where asked for, `total` and `rows` (int8). */
export function readStatement(
  rows: RowsQuery,
  { format, countsAll, countsPage, isJoined }: StatementOptions,
): CompiledQuery {
  const asText = sql`select ${rowText(rows, format)}::text as "row"${
    countsPage ? sql`, count(*) over () as "rows"` : sql``
  } from (${innerSelect(rows)}) as y`;
  const all = countsAll
    ? sql`select page.*, counted.total from (${countSelect(rows)}) as counted left join lateral (${asText}) as page on true`
    : asText;
  if (!isJoined) return all.compile(compiler);
  // As they come: the order of the rows is that of the statement inside.
  return sql`select coalesce(string_agg(w."row", ${sql.lit(separator)}), '') as "row", ${
    // Counted, a row would be written twice; but with a total there is a row of null where there is none.
    countsAll ? sql`count(w."row") as "rows", max(w.total) as total` : sql`count(*) as "rows"`
  } from (${all}) as w`.compile(compiler);
}

/** The same rows, for `explain`: no limit and no offset. */
export function allRowsStatement(rows: RowsQuery): CompiledQuery {
  return innerSelect({ ...rows, limit: undefined, offset: undefined, order: [] }).compile(compiler);
}

function rowText(rows: RowsQuery, format: RowFormat): Fragment {
  if (typeof format === 'object')
    return sql`(select ${sql.raw(format.feature)}(r) from (select ${namedOutputs(rows)}) as r)`;
  switch (format) {
    case 'object':
      return rowObject(rows);
    case 'stripped':
      return sql`json_strip_nulls(${rowObject(rows)})`;
    case 'texts':
      return sql`to_json(array[${sql.join(rows.outputs.map((_, i) => sql`${sql.id('y', `c${i}`)}::text`))}]::text[])`;
    case 'value':
      return sql`coalesce(to_json(${sql.id('y', 'c0')}), 'null')`;
  }
}

/** The outputs of a row of `y` under their names. */
function rowObject(rows: RowsQuery): Fragment {
  return sql`(select row_to_json(r) from (select ${namedOutputs(rows)}) as r)`;
}

function namedOutputs({ outputs }: RowsQuery): Fragment {
  return sql`${sql.join(outputs.map(({ name }, i) => sql`${sql.id('y', `c${i}`)} as ${sql.id(name)}`))}`;
}

/** Rows with their outputs as `c0`, `c1`, ... and what the parent sorts by as `o0`, ... */
function innerSelect(rows: RowsQuery, parent?: { readonly alias: string; readonly embed: Embed }): Fragment {
  const values = [
    ...rows.outputs.map(
      ({ value }, i) => sql`${output(value, rows.groupBy !== undefined)} as ${sql.id(`c${i}`)}`,
    ),
    ...rows.hidden.map(({ name, value }) => sql`${expression(value)} as ${sql.id(name)}`),
  ];
  const { groupBy, order, limit, offset } = rows;
  return sql`select ${sql.join(values)}${fromWhere(rows, rows.embeds, parent)}${
    groupBy ? grouping(groupBy) : sql``
  }${order.length > 0 ? sql` order by ${sql.join(order.map(sort))}` : sql``}${
    limit === undefined ? sql`` : sql` limit ${limit}::int8`
  }${offset === undefined ? sql`` : sql` offset ${offset}::int8`}`;
}

function grouping({ places, values }: Grouping): Fragment {
  const by = [...places.map((place) => sql.raw(String(place))), ...values.map(expression)];
  return by.length === 0 ? sql`` : sql` group by ${sql.join(by)}`;
}

/** JSON can be grouped only as jsonb. */
function output(value: RowsQuery['outputs'][number]['value'], isGrouped: boolean): Fragment {
  const isJson = value.kind === 'embedded' && (value.output === 'value' || value.ifNone === 'empty');
  return isGrouped && isJson ? sql`(${expression(value)})::jsonb` : expression(value);
}

/** A relation, or the call of a function, under its alias. */
function source({ relation, alias, call }: RowsQuery): Fragment {
  if (!call) return sql`${sql.id(relation.storedIn, relation.name)} as ${sql.id(alias)}`;
  const given = call.arguments.map(({ name, type, isVariadic, values }) => {
    const value = isVariadic ? arrayLiteral(values) : values.at(-1);
    return sql`${sql.raw(isVariadic ? 'variadic ' : '')}${sql.id(name)} => ${value}::text::${sql.raw(type.sql)}`;
  });
  const names = call.namesColumns
    ? sql`(${sql.join([...relation.columns.keys()].map((name) => sql.id(name)))})`
    : sql``;
  return sql`${sql.id(call.schema, call.name)}(${sql.join(given)}) as ${sql.id(alias)}${names}`;
}

function fromWhere(
  rows: RowsQuery,
  embeds: readonly Embed[],
  parent?: { readonly alias: string; readonly embed: Embed },
): Fragment {
  const { alias, predicates } = rows;
  const where = [...(parent ? joinConditions(parent.alias, parent.embed) : []), ...predicates.map(predicate)];
  const junction = parent?.embed.junction;
  return sql` from ${source(rows)}${
    junction
      ? sql` cross join ${sql.id(junction.relation.storedIn, junction.relation.name)} as ${sql.id(junction.alias)}`
      : sql``
  }${sql.join(
    embeds.map((embed) => lateral(alias, embed)),
    sql``,
  )}${where.length > 0 ? sql` where ${sql.join(where, sql` and `)}` : sql``}`;
}

function joinConditions(parent: string, { rows, columns, junction }: Embed): Fragment[] {
  const equal = (left: string, right: string, pairs: JoinColumns) =>
    pairs.map(([one, other]) => sql`${sql.id(left, one)} = ${sql.id(right, other)}`);
  return junction
    ? [...equal(parent, junction.alias, columns), ...equal(junction.alias, rows.alias, junction.columns)]
    : equal(parent, rows.alias, columns);
}

/**
 * The rows that belong to one of the parent: their JSON as `value`, or spread as `c0`, ...; what the parent sorts by; and `found`, whether there is
 * one.
 */
function lateral(parent: string, embed: Embed): Fragment {
  const { rows, shape, isSpread, isInner } = embed;
  const one = shape === 'one';
  const list = (of: Fragment) => (one ? of : sql`json_agg(${of})`);
  const given = [
    one ? sql`true as found` : sql`count(*) > 0 as found`,
    ...(isSpread
      ? rows.outputs.map((_, i) => sql`${list(sql`${sql.id('y', `c${i}`)}`)} as ${sql.id(`c${i}`)}`)
      : rows.outputs.length > 0
        ? [sql`${list(rowObject(rows))} as "value"`]
        : []),
    ...rows.hidden.map(({ name }) => sql`${sql.id('y', name)}`),
  ];
  return sql` ${sql.raw(isInner ? 'join' : 'left join')} lateral (select ${sql.join(given)} from (${innerSelect(
    rows,
    {
      alias: parent,
      embed,
    },
  )}) as y) as ${sql.id(rows.alias)} on ${isInner ? sql`${sql.id(rows.alias, 'found')}` : sql`true`}`;
}

/** How many rows there are; only what decides that is joined. */
function countSelect(rows: RowsQuery): Fragment {
  const deciding = rows.embeds.filter(
    ({ isInner, rows: { alias } }) => isInner || rows.predicates.some(asksFor(alias)),
  );
  const { groupBy } = rows;
  if (groupBy)
    return sql`select count(*) as total from (${innerSelect({ ...rows, order: [], limit: undefined, offset: undefined })}) as g`;
  return sql`select count(*) as total${fromWhere(rows, deciding)}`;
}

function asksFor(alias: string) {
  return (condition: RowsQuery['predicates'][number]): boolean => {
    if (condition.kind === 'embedded') return condition.of === alias;
    return condition.kind !== 'comparison' && condition.predicates.some(asksFor(alias));
  };
}
