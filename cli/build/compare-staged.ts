import { hash } from 'node:crypto';
import type { Distribution } from '../config/distribution.js';
import { areTogether, distributeSql, type Placement } from '../database/citus.js';
import type { Sql } from '../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import type { Model } from '../project/model.js';
import {
  applyDeltaSql,
  createDeltaSql,
  deltaKey,
  fillDeltaSql,
  type KeyEquality,
  readDeltaCounts,
  refillDeltaSql,
  type Sides,
  sampleDifference,
} from '../publish/delta/index.js';
import type { Delta } from '../publish/move.js';
import type { FilledIntervals } from './incremental/record-intervals.js';

/** How a staged relation reaches readers, and why that way. */
export interface Way {
  /** `same`: they see its rows already. */
  readonly how: 'same' | 'delta' | 'swap';
  readonly why: string;
  readonly delta?: Delta | undefined;
  /** Set for a model that is filled by time. */
  readonly intervals?: FilledIntervals | undefined;
}

export interface ComparedModel {
  readonly model: Model;
  readonly staged: Relation;
  readonly published: Relation;
  /** Columns that defaults filled in. */
  readonly filled: readonly string[];
  /** Of the staged table. */
  readonly rows: number;
  /** What building it took: writing its rows again by delta may take as long. */
  readonly buildMs: number;
  /** Of the latest publish by delta. */
  readonly rowsPerSecond: number | null;
  /** How the columns of the published table's key are equal. */
  readonly readEquality: () => Promise<readonly KeyEquality[] | undefined>;
  /** How the staged table is spread over the nodes of a cluster; null: it is on one. */
  readonly distribution: Distribution | null;
}

/** Rows written in a second where nothing has been measured yet: a modest disk, with an index or two. */
const assumedRowsPerSecond = 20_000;
/** So much is always worth it: no lock that readers would notice, and right for those with an old snapshot. */
const alwaysWorthMs = 200;

/** Why what may be written is replaced. */
export const publishSwap = 'publish: swap';

/** A view that readers see already, or not. @returns whether both have the same columns */
export async function sameColumns(sql: Sql, staged: Relation, published: Relation): Promise<boolean> {
  const { columns, others } = await readPair(sql, staged, published);
  return columns !== undefined && others === undefined;
}

/**
 * Compares a staged table with the published one, inside Postgres, and decides how it is to be published. The published table is ours, whole, and of the
 * same contract.
 */
export async function compareTables(sql: Sql, compared: ComparedModel): Promise<Way> {
  const { model, staged, published, filled, rows, distribution } = compared;
  const { columns, others } = await readPair(sql, staged, published);
  if (!columns) return { how: 'swap', why: 'its columns changed' };
  const key = model.contract.primaryKey;
  if (key.length === 0) {
    const compare = columns.filter((name) => !filled.includes(name));
    const isSame = await hasSameRows(sql, staged, published, compare);
    return isSame ? same : { how: 'swap', why: 'it has no primary key' };
  }
  const equality = await compared.readEquality();
  if (distribution && !(await areTogether(sql, staged, published)))
    return { how: 'swap', why: 'its rows are on other nodes' };
  const placedBy = distribution?.kind === 'column' ? distribution.column : undefined;
  const sides: Sides = { published, staged, key, columns, stamps: [], equality, placedBy };
  const limitMs = Math.max(alwaysWorthMs, compared.buildMs);
  const msFor = (rows: number) => (rows / (compared.rowsPerSecond ?? assumedRowsPerSecond)) * 1000;
  // What a sample of a cluster's table would be, nobody has measured; without an index of the key, each row of it would be looked for in all of the table.
  if (!distribution && equality && model.publish !== 'delta' && msFor(rows) > 2 * limitMs) {
    const share = await sampleDifference(sql, sides, rows);
    if (share !== undefined && msFor(share * rows) > 2 * limitMs)
      return { how: 'swap', why: model.publish === 'swap' ? 'publish: swap' : 'many rows differ' };
  }
  const relation = deltaRelation(staged);
  const fill = await prepareDelta(sql, sides, relation, distribution);
  await sql.begin((tx) => tx.unsafe(fill));
  const counts = await readDeltaCounts(sql, relation);
  const changed = counts.inserted + counts.updated + counts.deleted;
  if (changed === 0) return same;
  if (others) return { how: 'swap', why: others };
  const statements = applyDeltaSql(sides, relation);
  const delta: Delta = { relation, counts, statements, refill: fill, isWhole: true };
  if (model.publish === 'swap') return { how: 'swap', why: publishSwap, delta };
  if (model.publish === 'delta') return { how: 'delta', why: 'publish: delta', delta };
  return msFor(changed) <= limitMs
    ? { how: 'delta', why: 'few rows differ', delta }
    : { how: 'swap', why: 'many rows differ', delta };
}

const same: Way = { how: 'same', why: 'the rows are those that are published' };

/** Makes room for a delta. @returns statements that make it, whatever is there of it */
async function prepareDelta(
  sql: Sql,
  sides: Sides,
  relation: Relation,
  distribution: Distribution | null,
): Promise<string> {
  // A failed attempt may have left one behind.
  const drop = `drop table if exists ${quoteRelation(relation)};\n`;
  if (!distribution) return drop + fillDeltaSql(sides, relation);
  const placement: Placement =
    distribution.kind === 'reference'
      ? distribution
      : {
          kind: 'column',
          column: deltaKey(sides.key.indexOf(distribution.column)),
          with: sides.staged,
        };
  await sql.unsafe(`${drop}${createDeltaSql(sides, relation)};\n${distributeSql(relation, placement)}`);
  return refillDeltaSql(sides, relation);
}

/** The table that holds a delta: in the stage, by a name that no model has. */
export function deltaRelation({ schema, name }: Relation): Relation {
  return { schema, name: `mdl_delta_${hash('sha256', name).slice(0, 16)}` };
}

/** Makes a delta anew: the published rows are not what they were. */
export async function refillDelta(sql: Sql, delta: Delta): Promise<Delta> {
  const { relation, refill } = delta;
  if (refill === undefined) return delta;
  await sql.begin((tx) => tx.unsafe(refill));
  return { ...delta, counts: await readDeltaCounts(sql, relation) };
}

/** The columns of both, if they are the same; `others`: why rows must not be written one by one. */
async function readPair(
  sql: Sql,
  staged: Relation,
  published: Relation,
): Promise<{ columns: readonly string[] | undefined; others: string | undefined }> {
  const asked = [staged, published].map(({ schema, name }, place) => ({ place, schema, name }));
  const pair = await sql<
    { columns: readonly (readonly [string, ...unknown[]])[]; forced: boolean; cascades: string | null }[]
  >`
    select (select json_agg(json_build_array(a.attname, a.atttypid::int8, a.atttypmod, a.attcollation::int8, a.attnotnull, a.attidentity, a.attgenerated) order by a.attnum)
              from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           c.relforcerowsecurity as forced,
           (select min(k.conname || ' of ' || t.relnamespace::regnamespace || '.' || t.relname) from pg_constraint k join pg_class t on t.oid = k.conrelid
             where k.confrelid = c.oid and k.contype = 'f' and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))) as cascades
      from json_to_recordset(${JSON.stringify(asked)}::text::json) as r (place int4, schema name, name name)
      left join pg_namespace n on n.nspname = r.schema
      left join pg_class c on c.relnamespace = n.oid and c.relname = r.name
     order by r.place`;
  const [mine, theirs] = pair;
  if (!mine?.columns || !theirs?.columns || JSON.stringify(mine.columns) !== JSON.stringify(theirs.columns))
    return { columns: undefined, others: undefined };
  const others = theirs.forced
    ? 'row-level security is forced on it'
    : theirs.cascades !== null
      ? `the foreign key ${theirs.cascades} would change rows of others`
      : undefined;
  return { columns: mine.columns.map(([name]) => name), others };
}

/** Whether two tables without a key hold the same rows, whatever their order: by their number and the sum of their hashes. */
async function hasSameRows(
  sql: Sql,
  staged: Relation,
  published: Relation,
  columns: readonly string[],
): Promise<boolean> {
  const digest = (relation: Relation) =>
    `select count(*) as rows, coalesce(sum(hashtextextended(row(${columns.map((name) => `t.${quoteIdentifier(name)}`).join(', ')})::text, 0)), 0)::text as digest from ${quoteRelation(relation)} t`;
  const [row] = await sql.unsafe<{ same: boolean }[]>(
    `select a.rows = b.rows and a.digest = b.digest as same from (${digest(staged)}) a, (${digest(published)}) b`,
  );
  return row!.same;
}
