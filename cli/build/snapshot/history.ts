import type { Sql } from '../../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import { MedallionError } from '../../errors/index.js';
import type { Model } from '../../project/model.js';
import { deletedColumn, ownColumns, versionColumns } from '../../project/snapshot.js';
import { formatNumber } from '../../text/format.js';
import { refuseHiddenRows } from '../hidden-rows.js';
import { inZoneSql } from './versions-sql.js';

/** A column as Postgres has it. */
export interface RealColumn {
  readonly name: string;
  /** As it is written: `numeric(12,2)`. */
  readonly type: string;
  readonly oid: number;
  readonly notNull: boolean;
}

/** The versions that readers have. */
export interface History {
  readonly relation: Relation;
  /** Without those that a snapshot has by itself. */
  readonly columns: readonly RealColumn[];
  /** It has versions that say that a row was deleted, or had them once. */
  readonly marksDeleted: boolean;
}

export async function readColumns(sql: Sql, { schema, name }: Relation): Promise<readonly RealColumn[]> {
  return sql<RealColumn[]>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.atttypid::int8 as oid, a.attnotnull as "notNull"
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${schema} and c.relname = ${name} and a.attnum > 0 and not a.attisdropped order by a.attnum`;
}

/**
 * Reads what a snapshot has to go on with.
 * @param stands what is known of the relation in its place
 * @param selected the columns of the select
 * @returns undefined: there is no history, it begins
 * @throws MedallionError MDL4016: others took away what a snapshot needs, or its key is another one now; MDL4013
 */
export async function readHistory(
  sql: Sql,
  model: Model,
  relation: Relation,
  stands: 'missing' | 'whole' | 'altered',
  selected: readonly RealColumn[],
): Promise<History | undefined> {
  if (stands === 'missing') return undefined;
  const all = await readColumns(sql, relation);
  const lacking = versionColumns.filter(
    ({ name, type }) => !all.some((column) => column.name === name && type === shortType(column.type)),
  );
  // What was a table until now has no history.
  if (lacking.length === versionColumns.length && stands === 'whole') return undefined;
  if (lacking.length > 0)
    throw cannotGoOn(
      model,
      `others took ${lacking.map(({ name }) => `"${name}"`).join(', ')} from ${quoteRelation(relation)}`,
    );
  await refuseHiddenRows(sql, model, relation, model.snapshot!.where);
  const key = await sql<{ name: string }[]>`
    select a.attname as name
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey::int2[])
     where n.nspname = ${relation.schema} and c.relname = ${relation.name} and i.indisprimary order by 1`;
  const wanted = model.contract.primaryKey;
  if (key.length !== wanted.length || key.some(({ name }) => !wanted.includes(name)))
    throw cannotGoOn(
      model,
      key.length === 0
        ? `others took the primary key from ${quoteRelation(relation)}`
        : `its key is (${model.snapshot!.key.join(', ')}), and its history has (${key.map(({ name }) => name).join(', ')})`,
    );
  const marksDeleted = all.some(
    ({ name, type, notNull }) =>
      name === deletedColumn.name &&
      type === deletedColumn.type &&
      notNull &&
      !selected.some((column) => column.name === name),
  );
  const own = ownColumns(marksDeleted ? 'new_record' : 'ignore');
  const columns = all.filter(({ name }) => !own.some((column) => column.name === name));
  return { relation, columns, marksDeleted };
}

function isLocalTime(type: string): boolean {
  return type === 'date' || /^timestamp(\(\d\))? without time zone$/.test(type);
}

function shortType(type: string): string {
  return type === 'timestamp with time zone' ? 'timestamptz' : type;
}

/** A snapshot never throws its history away: people do. */
export function cannotGoOn(model: Model, why: string, hint?: string): MedallionError {
  const relation = model.name;
  return new MedallionError('MDL4016', {
    message: `${model.name}: ${why}.`,
    where: model.snapshot!.where,
    hint:
      hint ??
      `Put it right, or begin the snapshot again: move the relation of ${relation} away, or drop it; its history goes with it.`,
  });
}

/**
 * The select of a history with the columns that the snapshot has now: new ones are null, those that the select no longer returns stay.
 * @param columns those of the select
 * @param marksDeleted versions that say that a row was deleted are marked from now on
 * @throws MedallionError MDL4016: a value of the history does not fit the type that its column has now
 */
export async function continuedSelect(
  sql: Sql,
  model: Model,
  history: History,
  columns: readonly RealColumn[],
  marksDeleted: boolean,
): Promise<string> {
  const { by } = model.snapshot!;
  const old = new Map(history.columns.map((column) => [column.name, column]));
  const retyped = columns.flatMap((now) => {
    const before = old.get(now.name);
    return before && before.type !== now.type ? [{ before, now }] : [];
  });
  for (const { before, now } of retyped) await requireSameValues(sql, model, history, before, now);
  const kept = history.columns.filter(({ name }) => !columns.some((column) => column.name === name));
  const values = columns.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    if (!old.has(name)) return `null::${type} as ${column}`;
    const local = isLocalTime(old.get(name)!.type) && shortType(type) === 'timestamptz';
    if (local && by.strategy === 'timestamp' && name === by.updatedAt)
      return `${inZoneSql(`h.${column}`, by.timeZone)} as ${column}`;
    return old.get(name)!.type === type ? `h.${column}` : `h.${column}::${type} as ${column}`;
  });
  const rest = [...kept, ...versionColumns].map(({ name }) => `h.${quoteIdentifier(name)}`);
  if (marksDeleted) rest.push(history.marksDeleted ? 'h.is_deleted' : 'false as is_deleted');
  return `select ${[...values, ...rest].join(', ')} from ${quoteRelation(history.relation)} h`;
}

async function requireSameValues(
  sql: Sql,
  model: Model,
  history: History,
  before: RealColumn,
  now: RealColumn,
): Promise<void> {
  const what = `"${now.name}" is ${now.type} now, and ${before.type} in its history`;
  const hint = `Cast it in the select to what it was (${before.type}), or return it under another name.`;
  const [cast] = await sql<{ isImplicit: boolean }[]>`
    select ${before.oid}::int8 = ${now.oid}::int8 or exists (
             select from pg_cast where castsource = ${before.oid}::int8::oid and casttarget = ${now.oid}::int8::oid and castcontext = 'i') as "isImplicit"`;
  if (!cast!.isImplicit) throw cannotGoOn(model, what, hint);
  const column = `h.${quoteIdentifier(now.name)}`;
  const [counted] = await sql.unsafe<{ rows: number }[]>(
    `select count(*) as rows from ${quoteRelation(history.relation)} h where (${column}::${now.type})::${before.type} is distinct from ${column}`,
  );
  if (counted!.rows > 0)
    throw cannotGoOn(model, `${what}: ${formatNumber(counted!.rows)} values would be changed`, hint);
}
