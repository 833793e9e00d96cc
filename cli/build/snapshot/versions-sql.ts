import { quoteIdentifier, quoteLiteral, quoteRelation, type Relation } from '../../database/identifiers.js';
import type { Snapshot } from '../../project/model.js';
import { imagesDiffer, isMissing, type KeyEquality } from '../../publish/delta/index.js';

/** A history, and what its rows are now. */
export interface Versions {
  readonly snapshot: Snapshot;
  /** What holds the history. */
  readonly history: Relation;
  /** All its columns but those that every snapshot has. */
  readonly columns: readonly string[];
  /** What the select returns now; each key once, never null. */
  readonly now: Relation;
  readonly selected: readonly string[];
  /** Columns of which one must differ for a row to have changed. */
  readonly compared: readonly string[];
  /** Versions that say that a row was deleted are marked by `is_deleted`. */
  readonly marksDeleted: boolean;
  /** How the columns of the key are equal. */
  readonly equality: readonly KeyEquality[];
  /** When: the same for all snapshots of a run. */
  readonly moment: string;
  /** When the version of a row `n` of `now` begins, see `sinceSql`. */
  readonly since: string;
}

/** The column of a change by its place, so that no name of the user's can meet another one. */
const place = (at: number) => `c_${at + 1}`;

function sameKey(
  { snapshot, equality }: Versions,
  left: string,
  right: (at: number, name: string) => string,
) {
  return snapshot.key
    .map((name, at) => `${left}.${quoteIdentifier(name)} ${equality[at]!.operator} ${right(at, name)}`)
    .join(' and ');
}

const sameRow = (versions: Versions, left: string, right: string) =>
  sameKey(versions, left, (_, name) => `${right}.${quoteIdentifier(name)}`);

/** A history and a change of it: the same version. */
const sameVersion = (versions: Versions) =>
  `${sameKey(versions, 'p', (_, name) => `d.${changesColumn(versions, name)}`)} and p.valid_from = d.valid_from`;

/** The column of changes that has the values of a column of the history. */
export function changesColumn({ columns }: Versions, name: string): string {
  return place(columns.indexOf(name));
}

/** Creates the table of changes, without rows: `mdl_op` is `i` for a version that begins and `u` for one that ends. */
export function createChangesSql({ history, columns, marksDeleted }: Versions, changes: Relation): string {
  const own = ['valid_from', 'valid_to', ...(marksDeleted ? ['is_deleted'] : [])];
  const all = columns.map((name, at) => `${quoteIdentifier(name)} as ${place(at)}`);
  return `create unlogged table ${quoteRelation(changes)} as
select 'i'::"char" as mdl_op, ${[...all, ...own].join(', ')} from ${quoteRelation(history)} where false`;
}

/**
 * When the version of a row `n` of what is there now begins.
 * @param isLocal its time of change has no time zone: the snapshot says which one is meant, for that of the session would depend on who runs it
 */
export function sinceSql({ by }: Snapshot, moment: string, isLocal: boolean): string {
  if (by.strategy === 'check') return `${quoteLiteral(moment)}::pg_catalog.timestamptz`;
  const column = `n.${quoteIdentifier(by.updatedAt)}`;
  return isLocal ? inZoneSql(column, by.timeZone) : `${column}::pg_catalog.timestamptz`;
}

/** The moment of a local time. */
export function inZoneSql(local: string, timeZone: string): string {
  return `pg_catalog.timezone(${quoteLiteral(timeZone)}, ${local}::pg_catalog.timestamp)`;
}

/**
 * The versions with which a history begins: a select of what is there now.
 * @param since see `sinceSql`
 */
export function firstVersionsSql(now: Relation, since: string, marksDeleted: boolean): string {
  const own = ['null::pg_catalog.timestamptz as valid_to', 'true as is_current'];
  if (marksDeleted) own.push('false as is_deleted');
  return `select n.*, ${since} as valid_from, ${own.join(', ')} from ${quoteRelation(now)} n`;
}

/**
 * Fills the table of changes. A version ends when the next begins; a version that would end before it began (a clock that went back, a time of change in the
 * future) lasts a microsecond. A row that comes back does so at the moment of the run, unless its time of change says when after its last version ended.
 */
export function fillChangesSql(versions: Versions, changes: Relation): string {
  const { snapshot, columns, selected, moment, since, marksDeleted } = versions;
  const [history, now, into] = [versions.history, versions.now, changes].map(quoteRelation);
  const run = `${quoteLiteral(moment)}::pg_catalog.timestamptz`;
  const isGone = isMissing(`n.${quoteIdentifier(snapshot.key[0]!)}`);
  const isHere = `not (${isGone})`;
  const after = (time: string) => `greatest(${time}, p.valid_from + interval '1 microsecond')`;
  // No version that ended: a null, which `greatest` leaves out and no time is before.
  const back = (end: string) =>
    `greatest(${snapshot.by.strategy === 'check' ? run : `case when ${since} <= ${end} then ${run} else ${since} end`}, ${end})`;
  const isLiving = marksDeleted ? 'not p.is_deleted and ' : '';
  const ends = [
    [`${isLiving}${isHere} and ${hasChanged(versions)}`, after(since)],
    ...(snapshot.deletes === 'ignore' ? [] : [[`${isLiving}${isGone}`, after(run)]]),
    ...(marksDeleted ? [[`p.is_deleted and ${isHere}`, after(back('p.valid_from'))]] : []),
  ];
  const end = `case ${ends.map(([when, time]) => `when ${when} then ${time}`).join(' ')} end`;
  const mark = (isDeleted: string) => (marksDeleted ? [isDeleted] : []);
  const insert = (op: string, values: readonly string[], from: string) =>
    `insert into ${into} select ${[`'${op}'::"char"`, ...values].join(', ')} from ${from}`;
  const endless = 'null::pg_catalog.timestamptz';
  const given = columns.map((name) => (selected.includes(name) ? `n.${quoteIdentifier(name)}` : 'null'));
  const last = `(select max(h.valid_to) from ${history} h where ${sameRow(versions, 'h', 'n')})`;
  const sameAsEnded = sameKey(versions, 'n', (_, name) => `d.${changesColumn(versions, name)}`);
  return [
    `truncate ${into}`,
    insert(
      'u',
      [...columns.map((name) => `p.${quoteIdentifier(name)}`), 'p.valid_from', end, ...mark('p.is_deleted')],
      `${history} p left join ${now} n on ${sameRow(versions, 'p', 'n')} where p.is_current and (${ends.map(([when]) => when).join(' or ')})`,
    ),
    insert(
      'i',
      [...given, 'd.valid_to', endless, ...mark('false')],
      `${into} d join ${now} n on ${sameAsEnded} where d.mdl_op = 'u'`,
    ),
    ...(snapshot.deletes === 'new_record'
      ? [
          insert(
            'i',
            [...columns.map((_, at) => `d.${place(at)}`), 'd.valid_to', endless, 'true'],
            `${into} d where d.mdl_op = 'u' and not exists (select from ${now} n where ${sameAsEnded})`,
          ),
        ]
      : []),
    insert(
      'i',
      [...given, back(last), endless, ...mark('false')],
      `${now} n where not exists (select from ${history} p where p.is_current and ${sameRow(versions, 'p', 'n')})`,
    ),
    `analyze ${into}`,
  ].join(';\n');
}

function hasChanged({ snapshot, compared }: Versions): string {
  if (snapshot.by.strategy === 'check')
    return compared.length === 0 ? 'false' : imagesDiffer(compared, 'p', 'n');
  const updatedAt = quoteIdentifier(snapshot.by.updatedAt);
  return `(p.${updatedAt} is null or n.${updatedAt} > p.${updatedAt})`;
}

/** Counts rows whose time of change went back although they are others: they are not taken for changed. */
export function countGoneBackSql(versions: Versions, updatedAt: string): string {
  const column = quoteIdentifier(updatedAt);
  return `select count(*) as rows from ${quoteRelation(versions.history)} p join ${quoteRelation(versions.now)} n on ${sameRow(versions, 'p', 'n')}
 where p.is_current${versions.marksDeleted ? ' and not p.is_deleted' : ''} and n.${column} < p.${column}`;
}

/**
 * Statements that write the changes into the history, updates first; each affects as many rows as there are changes of its kind, or others have written into
 * the history meanwhile.
 */
export function writeChangesSql(versions: Versions, changes: Relation) {
  const [history, from] = [versions.history, changes].map(quoteRelation);
  const own = ['valid_from', 'valid_to', 'is_current', ...(versions.marksDeleted ? ['is_deleted'] : [])];
  const names = [...versions.columns.map(quoteIdentifier), ...own];
  const values = versions.columns.map((_, at) => `d.${place(at)}`);
  const begun = ['d.valid_from', 'd.valid_to', 'true', ...(versions.marksDeleted ? ['d.is_deleted'] : [])];
  const isOpen = `exists (select from ${history} p where p.is_current and ${sameKey(versions, 'p', (_, name) => `d.${changesColumn(versions, name)}`)})`;
  return {
    updates: `update ${history} p set valid_to = d.valid_to, is_current = false from ${from} d where d.mdl_op = 'u' and p.is_current and ${sameVersion(versions)}`,
    inserts: `insert into ${history} (${names.join(', ')}) select ${[...values, ...begun].join(', ')} from ${from} d where d.mdl_op = 'i' and not ${isOpen}`,
  };
}

/** The history as it will be once the changes are written, with its columns in their order: a view. */
export function continuedViewSql(
  versions: Versions,
  changes: Relation,
  view: Relation,
  order: readonly string[],
): string {
  const [history, from] = [versions.history, changes].map(quoteRelation);
  const value = (name: string) => {
    const at = versions.columns.indexOf(name);
    const column = quoteIdentifier(name);
    if (at >= 0) return `d.${place(at)} as ${column}`;
    return name === 'is_current' ? `d.mdl_op = 'i' as ${column}` : `d.${column}`;
  };
  return `create view ${quoteRelation(view)} as
select ${order.map((name) => `p.${quoteIdentifier(name)}`).join(', ')} from ${history} p
 where not exists (select from ${from} d where d.mdl_op = 'u' and ${sameVersion(versions)})
union all
select ${order.map(value).join(', ')} from ${from} d`;
}
