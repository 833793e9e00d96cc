import type { Queryable } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import { MedallionError } from '../../errors/index.js';
import { plural } from '../../text/format.js';
import type { Shape } from './shape.js';

/** The first of the keys whose columns both relations have; null when there is none. */
export function usableKey(
  keys: readonly (readonly string[])[],
  a: Shape,
  b: Shape,
): readonly string[] | null {
  const has = (shape: Shape, name: string) => shape.columns.some((column) => column.name === name);
  return keys.find((key) => key.length > 0 && key.every((name) => has(a, name) && has(b, name))) ?? null;
}

/**
 * Rows are told apart by the key: where no constraint promises so, it is looked at.
 * @throws MedallionError MDL4312
 */
export async function requireUnique(
  sql: Queryable,
  relation: Relation,
  shape: Shape,
  key: readonly string[],
): Promise<void> {
  const same = (columns: readonly string[]) =>
    columns.length === key.length && key.every((name) => columns.includes(name));
  const notNull = key.every((name) => shape.columns.find((column) => column.name === name)?.notNull);
  if (same(shape.primaryKey) || (notNull && shape.uniques.some(same))) return;
  const columns = key.map(quoteIdentifier);
  // A composite value whose fields are all null is a value.
  const isNull = columns.map((column) => `${column} is not distinct from null`).join(' or ');
  const [found] = await sql.unsafe<[{ twice: number; empty: number }]>(`
    select count(*) filter (where rows > 1 and not is_empty) as twice, coalesce(sum(rows) filter (where is_empty), 0)::int8 as empty
      from (select count(*) as rows, ${isNull} as is_empty from ${quoteRelation(relation)} group by ${columns.join(', ')}) as keys`);
  const { twice, empty } = found;
  if (twice + empty === 0) return;
  const wrong = [
    ...(twice > 0 ? [`${plural(twice, 'key')} ${twice === 1 ? 'stands' : 'stand'} in several rows`] : []),
    ...(empty > 0 ? [`${plural(empty, 'row')} ${empty === 1 ? 'has' : 'have'} an empty key`] : []),
  ];
  throw new MedallionError('MDL4312', {
    message: `Rows of ${relation.schema}.${relation.name} cannot be told apart by ${key.join(', ')}: ${wrong.join(', ')}.`,
  });
}
