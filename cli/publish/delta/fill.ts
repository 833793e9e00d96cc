import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import { comparedColumns, deltaKey, keyColumn, type Sides, sameKey } from './sides.js';

/**
 * Creates and fills `delta`, an unlogged table: the key of each row that differs (`key_1`, `key_2`, ... in the order of the key) and `mdl_op`: `i` only
 * staged, `u` in both and not the same, `d` only published. Rows are the same when their images are: what `=` takes for equal (1.0 and 1.00, 0 and -0)
 * differs here, and types without `=` (json, xml, point) can be compared. One full join was the fastest form at any share of changes: for a million rows
 * about 1.2 s, with anti-joins 1.6 s and more.
 * @param before SQL of the published rows that count, for a `from`; default: all
 */
export function fillDeltaSql(sides: Sides, delta: Relation, before = quoteRelation(sides.published)): string {
  const { staged, key } = sides;
  const [p, s] = [keyColumn(sides, 'p'), keyColumn(sides, 's')];
  const keys = key.map((_, place) => `coalesce(${s(place)}, ${p(place)}) as ${deltaKey(place)}`);
  const compared = comparedColumns(sides);
  const changed = compared.length === 0 ? '' : `\n    or ${imagesDiffer(compared, 'p', 's')}`;
  return `create unlogged table ${quoteRelation(delta)} as
select ${keys.join(', ')}, case when ${isMissing(s(0))} then 'd' when ${isMissing(p(0))} then 'i' else 'u' end::"char" as mdl_op
  from ${before} p full join ${quoteRelation(staged)} s on ${sameKey(sides, p, s)}
 where ${isMissing(p(0))} or ${isMissing(s(0))}${changed};
analyze ${quoteRelation(delta)}`;
}

/** Creates `delta` without rows, as `fillDeltaSql` would: a table that is distributed before it is filled. */
export function createDeltaSql(sides: Sides, delta: Relation): string {
  const keys = sides.key.map((name, place) => `s.${quoteIdentifier(name)} as ${deltaKey(place)}`);
  return `create unlogged table ${quoteRelation(delta)} as
select ${keys.join(', ')}, 'i'::"char" as mdl_op from ${quoteRelation(sides.staged)} s with no data`;
}

/**
 * Fills a `delta` that is there, again if need be. Statements of one side each, which a cluster carries out on the nodes where the rows are: with a full join
 * Citus would send them through the coordinator.
 */
export function refillDeltaSql(sides: Sides, delta: Relation): string {
  const [published, staged, changes] = [sides.published, sides.staged, delta].map(quoteRelation);
  const both = sameKey(sides, keyColumn(sides, 'p'), keyColumn(sides, 's'));
  const insert = (from: 'p' | 's', op: string, rest: string) =>
    `insert into ${changes} select ${sides.key.map((_, place) => keyColumn(sides, from)(place)).join(', ')}, '${op}'::"char" from ${rest}`;
  const compared = comparedColumns(sides);
  return [
    `truncate ${changes}`,
    insert('s', 'i', `${staged} s where not exists (select from ${published} p where ${both})`),
    insert('p', 'd', `${published} p where not exists (select from ${staged} s where ${both})`),
    ...(compared.length === 0
      ? []
      : [
          insert(
            's',
            'u',
            `${published} p join ${staged} s on ${both} where ${imagesDiffer(compared, 'p', 's')}`,
          ),
        ]),
    `analyze ${changes}`,
  ].join(';\n');
}

/** `is null` would also hold for a composite value whose fields are all null. */
export function isMissing(column: string): string {
  return `${column} is not distinct from null`;
}

/** Whether two rows differ in any of these columns, by their images. Without the cast, `row() op row()` would look for an operator of each column's type. */
export function imagesDiffer(columns: readonly string[], left: string, right: string): string {
  const row = (alias: string) =>
    `row(${columns.map((column) => `${alias}.${quoteIdentifier(column)}`).join(', ')})::record`;
  return `${row(left)} operator(pg_catalog.*<>) ${row(right)}`;
}
