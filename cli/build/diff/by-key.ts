import type { Queryable } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import { isMissing } from '../../publish/delta/index.js';
import { anyDiffers, columnDiffers, type JoinedColumn, type SharedColumn } from './comparison.js';
import type { RowsDiff, TextValue } from './diff.js';

export interface KeyedSides {
  readonly a: Relation;
  readonly b: Relation;
  readonly key: readonly JoinedColumn[];
  readonly compared: readonly SharedColumn[];
  /** Samples of each column, and keys that are only in one, at most. */
  readonly limit: number;
}

interface Sample {
  readonly key: readonly TextValue[];
  /** Where the row is: in one, or in both and changed. */
  readonly place: 'a' | 'b' | 'u';
  readonly differs: readonly boolean[];
  readonly a: readonly TextValue[];
  readonly b: readonly TextValue[];
}

interface Found {
  readonly inA: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly changed: number;
  readonly byColumn: readonly number[];
  readonly samples: readonly Sample[];
}

/** Compares rows by their key, in one statement: one join finds the rows that differ, and only the samples are looked up again for their values. */
export async function diffByKey(sql: Queryable, sides: KeyedSides): Promise<RowsDiff> {
  const { compared, limit } = sides;
  const [found] = await sql.unsafe<[Found]>(keyedSql(sides));
  const { inA, onlyA, onlyB, changed, byColumn, samples } = found;
  const both = inA - onlyA;
  const keysIn = (place: Sample['place']) =>
    samples
      .filter((sample) => sample.place === place)
      .slice(0, limit)
      .map(({ key }) => key);
  const columns = compared.map(({ name }, i) => ({
    name,
    rows: byColumn[i]!,
    share: byColumn[i]! / Math.max(both, 1),
    samples: samples
      .filter(({ place, differs }) => place === 'u' && differs[i])
      .slice(0, limit)
      .map(({ key, a, b }) => ({ key, a: a[i]!, b: b[i]! })),
  }));
  return {
    rows: { a: inA, b: both + onlyB, onlyA, onlyB, changed, equal: both - changed },
    onlyA: keysIn('a'),
    onlyB: keysIn('b'),
    columns: columns.filter(({ rows }) => rows > 0).sort((one, other) => other.rows - one.rows),
  };
}

function keyedSql({ a, b, key, compared, limit }: KeyedSides): string {
  const [relationA, relationB] = [quoteRelation(a), quoteRelation(b)];
  const keys = key.map((_, i) => `key_${i + 1}`);
  const join = (left: (column: JoinedColumn, i: number) => string, right: typeof left) =>
    key.map((column, i) => `${left(column, i)} ${column.operator} ${right(column, i)}`).join(' and ');
  const of = (alias: string) => (column: JoinedColumn) => column.of(alias);
  const sampledKey = (_: JoinedColumn, i: number) => `d.${keys[i]}`;
  const [missingA, missingB] = ['a', 'b'].map((alias) => isMissing(key[0]!.of(alias)));
  const list = (items: readonly string[], type: string) => `array[${items.join(', ')}]::${type}[]`;
  const texts = (alias: string) =>
    list(
      compared.map(({ name }) => `${alias}.${quoteIdentifier(name)}::text`),
      'text',
    );
  const first = (condition: string) =>
    `(select ${keys.join(', ')}, place, differs from differing where ${condition} order by ${keys.join(', ')} limit ${limit})`;
  const samples = [
    first(`place = 'a'`),
    first(`place = 'b'`),
    // A column without differences is not looked for in all the rows that have some.
    ...compared.map((_, i) =>
      first(`(select by_column[${i + 1}] from counted) > 0 and place = 'u' and differs[${i + 1}]`),
    ),
  ];
  return `
    with differing as materialized (
      select ${key.map((column, i) => `coalesce(${column.of('a')}, ${column.of('b')}) as ${keys[i]}`).join(', ')},
             case when ${missingA} then 'b' when ${missingB} then 'a' else 'u' end as place,
             ${list(compared.map(columnDiffers), 'boolean')} as differs
        from ${relationA} a full join ${relationB} b on ${join(of('a'), of('b'))}
       where ${missingA} or ${missingB} or ${anyDiffers(compared)}
    ), counted as (
      select count(*) filter (where place = 'a') as only_a, count(*) filter (where place = 'b') as only_b, count(*) filter (where place = 'u') as changed,
             ${list(
               compared.map((_, i) => `count(*) filter (where place = 'u' and differs[${i + 1}])`),
               'int8',
             )} as by_column
        from differing
    ), sampled as (
      ${samples.join('\n      union\n      ')}
    )
    select (select count(*) from ${relationA}) as "inA", only_a as "onlyA", only_b as "onlyB", changed, to_json(by_column) as "byColumn",
           (select coalesce(json_agg(json_build_object('key', ${list(
             keys.map((name) => `d.${name}::text`),
             'text',
           )}, 'place', d.place, 'differs', d.differs, 'a', ${texts('a')}, 'b', ${texts('b')}) order by ${keys.map((name) => `d.${name}`).join(', ')}), '[]')
              from sampled d
              left join ${relationA} a on ${join(of('a'), sampledKey)}
              left join ${relationB} b on ${join(of('b'), sampledKey)}) as samples
      from counted`;
}
