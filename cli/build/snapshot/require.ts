import type { Sql } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import { didYouMean, MedallionError } from '../../errors/index.js';
import type { Model } from '../../project/model.js';
import { formatNumber } from '../../text/format.js';
import { timestamptz, timeTypes } from '../time-types.js';
import { cannotGoOn, type RealColumn } from './history.js';

/**
 * Versions can be told apart only if each row has a key of its own, and a time of change where that decides.
 * @param now what the select returns
 * @returns whether the time of change is a local one, of no time zone
 * @throws MedallionError MDL4002 (a column is not there), MDL4016 naming the keys
 */
export async function requireVersionable(
  sql: Sql,
  model: Model,
  now: Relation,
  columns: readonly RealColumn[],
): Promise<boolean> {
  const { key, by, where } = model.snapshot!;
  const names = columns.map(({ name }) => name);
  const needed = by.strategy === 'check' ? [...key, ...(by.columns ?? [])] : [...key, by.updatedAt];
  const lacking = needed.find((name) => !names.includes(name));
  if (lacking !== undefined)
    throw new MedallionError('MDL4002', {
      message: `${model.name}: the select has no column "${lacking}", which snapshot: names.`,
      where,
      hint: didYouMean(lacking, names),
    });
  const isLocal =
    by.strategy === 'timestamp' && (await readTime(sql, model, now, by.updatedAt)) !== timestamptz;
  const never = by.strategy === 'check' ? key : [...key, by.updatedAt];
  const from = quoteRelation(now);
  const [nulls] = await sql.unsafe<(Record<string, number> | undefined)[]>(
    `select ${never.map((name, at) => `count(*) filter (where ${quoteIdentifier(name)} is null) as n_${at}`).join(', ')} from ${from}`,
  );
  for (const [at, name] of never.entries()) {
    const rows = nulls![`n_${at}`]!;
    if (rows > 0)
      throw cannotGoOn(
        model,
        `${formatNumber(rows)} ${rows === 1 ? 'row has' : 'rows have'} no value in "${name}"`,
        'Leave them out in the select, or give them a value.',
      );
  }
  if (by.strategy === 'timestamp') await requireFinite(sql, model, now, by.updatedAt);
  const keys = key.map(quoteIdentifier).join(', ');
  const shown = key.map((name) => `${quoteIdentifier(name)}::text`).join(` || ', ' || `);
  const twice = await sql.unsafe<{ key: string; rows: number; keys: number }[]>(
    `select ${shown} as key, count(*) as rows, count(*) over () as keys from ${from} group by ${keys} having count(*) > 1 order by 2 desc, 1 limit 5`,
  );
  const all = twice[0]?.keys;
  if (all === undefined) return isLocal;
  throw cannotGoOn(
    model,
    `${formatNumber(all)} ${all === 1 ? 'key appears' : 'keys appear'} more than once: (${key.join(', ')}) = ${twice.map((row) => `${row.key} (${row.rows} rows)`).join('; ')}${all > twice.length ? '; ...' : ''}`,
    'A snapshot needs each key once: deduplicate in the select, or name more columns in snapshot.key.',
  );
}

/**
 * The type of the time of change, as an oid. Text would be compared as text: `2026-1-9` after `2026-1-10`.
 * @throws MedallionError MDL4016
 */
async function readTime(sql: Sql, model: Model, now: Relation, updatedAt: string): Promise<number> {
  // What Postgres describes is the type that a domain stands for.
  const { columns } = await sql
    .unsafe(`select ${quoteIdentifier(updatedAt)} from ${quoteRelation(now)}`)
    .describe();
  const { type } = columns[0]!;
  if (timeTypes.has(type)) return type;
  throw cannotGoOn(
    model,
    `"${updatedAt}", the updated_at, is no timestamptz, timestamp or date`,
    'Cast it in the select, or give it a type in columns: of the front matter.',
  );
}

/** No version could begin after one that began at `infinity`. */
async function requireFinite(sql: Sql, model: Model, now: Relation, updatedAt: string): Promise<void> {
  const [counted] = await sql.unsafe<{ rows: number }[]>(
    `select count(*) as rows from ${quoteRelation(now)} where not isfinite(${quoteIdentifier(updatedAt)})`,
  );
  const rows = counted!.rows;
  if (rows > 0)
    throw cannotGoOn(
      model,
      `${formatNumber(rows)} ${rows === 1 ? 'row has' : 'rows have'} an infinite time in "${updatedAt}"`,
      `Give them a time in the select, or leave them out: where isfinite(${quoteIdentifier(updatedAt)}).`,
    );
}
