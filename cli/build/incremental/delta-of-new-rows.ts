import type { Sql } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import { MedallionError } from '../../errors/index.js';
import type { Model } from '../../project/model.js';
import {
  applyDeltaSql,
  fillDeltaSql,
  readDeltaCounts,
  readKeyEquality,
  type Sides,
} from '../../publish/delta/index.js';
import type { Delta } from '../../publish/move.js';
import { deltaRelation, type Way } from '../compare-staged.js';
import { goes, type NewRows } from './strategies.js';

export interface Compared {
  readonly model: Model;
  readonly rows: NewRows;
  /** How many there are. */
  readonly count: number;
  /** Of what is published. */
  readonly columns: readonly string[];
  /** Those that defaults have filled in. */
  readonly filled: readonly string[];
}

/** Finds what publishing new rows has to write: it costs what the new rows cost, and what they replace. */
export async function wayOfNewRows(sql: Sql, compared: Compared): Promise<Way> {
  const { model, rows } = compared;
  const key = rows.incremental.strategy === 'merge' ? rows.incremental.key : model.contract.primaryKey;
  const delta =
    rows.incremental.strategy === 'append'
      ? appended(compared)
      : key.length > 0
        ? await differences(sql, compared, key)
        : await replacement(sql, compared);
  const changed = delta ? delta.counts.inserted + delta.counts.updated + delta.counts.deleted : 0;
  if (!delta || changed === 0) return { how: 'same', why: 'no row is new or differs' };
  if (delta.counts.deleted > 0) await refuseCascades(sql, model, rows.published);
  return { how: 'delta', why: rows.incremental.strategy, delta };
}

function appended({ rows, count, columns }: Compared): Delta {
  return {
    relation: rows.fresh,
    counts: { inserted: count, updated: 0, deleted: 0 },
    statements: { inserts: insertSql(rows, columns) },
    isWhole: false,
  };
}

/** Row by row: what has not changed is not touched. */
async function differences(
  sql: Sql,
  { rows, columns, filled }: Compared,
  key: readonly string[],
): Promise<Delta> {
  const { published, fresh: staged } = rows;
  const equality = await readKeyEquality(sql, published, key);
  const sides: Sides = { published, staged, key, columns, stamps: filled, equality };
  const relation = deltaRelation(staged);
  const before = `(select p.* from ${quoteRelation(published)} p where ${goes(rows)})`;
  const refill = anew(relation, fillDeltaSql(sides, relation, before));
  await sql.begin((tx) => tx.unsafe(refill));
  const counts = await readDeltaCounts(sql, relation);
  return { relation, counts, statements: applyDeltaSql(sides, relation), refill, isWhole: false };
}

/** Without a key rows cannot be told apart: all that were there go, unless the new ones are the same. */
async function replacement(sql: Sql, compared: Compared): Promise<Delta | undefined> {
  const { rows, columns, filled } = compared;
  const [published, fresh] = [rows.published, rows.fresh].map(quoteRelation);
  const gone = goes(rows)!;
  const shown = columns.filter((name) => !filled.includes(name)).map((name) => `t.${quoteIdentifier(name)}`);
  const digest = (from: string) =>
    `select count(*) as rows, coalesce(sum(hashtextextended(row(${shown.join(', ')})::text, 0)), 0) as digest from ${from} t`;
  const [same] = await sql.unsafe<{ same: boolean }[]>(
    `select a.rows = b.rows and a.digest = b.digest as same
       from (${digest(fresh!)}) a, (${digest(`(select p.* from ${published} p where ${gone})`)}) b`,
  );
  if (same!.same) return undefined;
  const relation = deltaRelation(rows.fresh);
  const refill = anew(
    relation,
    `create unlogged table ${quoteRelation(relation)} as
select 'd'::"char" as mdl_op from ${published} p where ${gone}
union all
select 'i' from ${fresh}`,
  );
  await sql.begin((tx) => tx.unsafe(refill));
  return {
    relation,
    counts: await readDeltaCounts(sql, relation),
    statements: { deletes: `delete from ${published} p where ${gone}`, inserts: insertSql(rows, columns) },
    refill,
    isWhole: false,
    oldRowsFirst: true,
  };
}

/** A failed attempt, or one that others have made worthless, has left one behind. */
function anew(relation: Relation, fill: string): string {
  return `drop table if exists ${quoteRelation(relation)};\n${fill}`;
}

function insertSql({ published, fresh }: NewRows, columns: readonly string[]): string {
  const list = columns.map(quoteIdentifier).join(', ');
  return `insert into ${quoteRelation(published)} (${list}) select ${list} from ${quoteRelation(fresh)}`;
}

/** Rows of others must not go because one of ours does. */
async function refuseCascades(sql: Sql, model: Model, published: Relation): Promise<void> {
  const [key] = await sql<{ name: string; of: string }[]>`
    select k.conname as name, t.relnamespace::regnamespace || '.' || t.relname as of
      from pg_constraint k join pg_class t on t.oid = k.conrelid
      join pg_class c on c.oid = k.confrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${published.schema} and c.relname = ${published.name} and k.contype = 'f' and k.confdeltype in ('c', 'n', 'd')
     order by 1 limit 1`;
  if (key)
    throw new MedallionError('MDL4301', {
      message: `${model.name}: rows would be deleted, and the foreign key ${key.name} of ${key.of} would change rows of others with them.`,
      where: model.incremental!.where,
    });
}
