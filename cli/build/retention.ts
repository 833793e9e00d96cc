import type { HistoryOptions, Options } from '../config/options.js';
import type { Sql, Transaction } from '../database/connect.js';
import type { Emit } from '../events/events.js';
import { toMedallionError } from './errors.js';

/** Runs that are deleted in one transaction. */
const batchRuns = 50;
/** Runs that one run deletes of the history behind it; the next one goes on. */
const maxAtOnce = 500;
/** Occurrences of each schedule that stay, with their runs, however old they are: those that `mdl schedule --list` shows. */
const keptOccurrences = 5;

/**
 * Deletes what is past its time, at the end of a run. Does so once the oldest of it is so for an hour: a schedule of each minute deletes once an hour.
 * That it fails does not concern the run.
 */
export async function tidyHistory(
  sql: Sql,
  { name, history }: Pick<Options, 'name' | 'history'>,
  emit: Emit,
): Promise<void> {
  if (history.keepRuns === null) return;
  try {
    const [due] = await removable(sql, name, history, { limit: 1, forAnHour: true });
    if (due !== undefined) await pruneHistory(sql, name, history, maxAtOnce);
  } catch (cause) {
    emit({
      event: 'notice',
      message: `Old runs could not be deleted: ${toMedallionError(cause).message}`,
      hint: 'The next run tries again; or do it by hand: npx mdl runs prune',
    });
  }
}

/**
 * Deletes runs that nobody wants to keep, with all that was recorded of them. What something still needs stays; see `isNeeded`.
 * @returns how many runs there were to delete
 */
export async function pruneHistory(
  sql: Sql,
  project: string,
  keep: HistoryOptions,
  limit = Number.POSITIVE_INFINITY,
): Promise<number> {
  let removed = 0;
  while (removed < limit) {
    const runs = await removable(sql, project, keep, { limit: batchRuns });
    if (runs.length === 0) break;
    await sql.begin((tx) => removeRuns(tx, runs));
    removed += runs.length;
  }
  await removeOccurrences(sql, project, keep);
  return removed;
}

/** Runs that may go, and those past their time that stay because something needs them. */
export async function previewPrune(
  sql: Sql,
  project: string,
  keep: HistoryOptions,
): Promise<{ readonly removable: number; readonly needed: number; readonly kept: number }> {
  if (keep.keepRuns === null) {
    const [row] = await sql<{ kept: number }[]>`
      select count(*)::int as kept from medallion.runs where project = ${project}`;
    return { removable: 0, needed: 0, kept: row!.kept };
  }
  const [row] = await sql<{ removable: number; needed: number; kept: number }[]>`
    with edge as (${edgeOf(sql, project, keep)}),
         judged as (
           select r.run_id < e.run_id and r.started_at < e.cutoff as is_old, ${isNeeded(sql)} as is_needed
             from medallion.runs r left join edge e on true
            where r.project = ${project}
         )
    select count(*) filter (where is_old and not is_needed)::int as removable,
           count(*) filter (where is_old and is_needed)::int as needed,
           count(*) filter (where is_old is not true)::int as kept
      from judged`;
  return row!;
}

/** The oldest run that counts as one of the latest (none: nothing is past its time), and the time before which a run began that is past its days. */
function edgeOf(sql: Sql, project: string, { keepRuns, keepDays }: HistoryOptions) {
  return sql`
    select run_id, started_at, now() - make_interval(days => ${keepDays}) as cutoff
      from medallion.runs where project = ${project}
     order by run_id desc offset ${Math.max(keepRuns ?? 1, 1) - 1} limit 1`;
}

async function removable(
  sql: Sql,
  project: string,
  keep: HistoryOptions,
  { limit, forAnHour = false }: { readonly limit: number; readonly forAnHour?: boolean },
): Promise<readonly number[]> {
  if (keep.keepRuns === null) return [];
  const before = forAnHour ? sql`least(e.started_at, e.cutoff) - interval '1 hour'` : sql`e.cutoff`;
  const rows = await sql<{ run_id: number }[]>`
    with edge as (${edgeOf(sql, project, keep)})
    select r.run_id
      from medallion.runs r join edge e on r.run_id < e.run_id and r.started_at < ${before}
     where r.project = ${project} and not ${isNeeded(sql)}
     order by r.run_id limit ${limit}`;
  return rows.map((row) => row.run_id);
}

/**
 * A run that stays, however old it is: it goes on; readers see what it published, or its plan is open; loads look back at its loads, of which the latest may be resumed and the
 * latest that ended well holds the fingerprint and the cursor (bookkeeping.ts in cli/bronze); it is one of the latest occurrences of a schedule.
 */
function isNeeded(sql: Sql) {
  return sql`(
    r.status = 'running'
    or exists (select from medallion.relations p where p.run_id = r.run_id)
    or exists (select from medallion.plans p where p.run_id = r.run_id and p.status = 'open')
    or r.run_id is not distinct from (select p.run_id from medallion.runs p
                    where p.project = r.project and p.published_at is not null
                    order by p.published_at desc limit 1)
    or exists (
      select from medallion.loads l
       where l.run_id = r.run_id
         and (not exists (select from medallion.loads n
                           where n.project = l.project and n.bronze_table = l.bronze_table and n.load_id > l.load_id)
              or l.status in ('loaded', 'unchanged')
                 and not exists (select from medallion.loads n
                                  where n.project = l.project and n.bronze_table = l.bronze_table and n.load_id > l.load_id
                                    and n.status in ('loaded', 'unchanged'))))
    or exists (
      select from medallion.occurrences o
       where o.run_id = r.run_id and ${isLatest(sql)})
  )`;
}

function isLatest(sql: Sql) {
  return sql`(
    select count(*) from (
      select from medallion.occurrences n
       where n.project = o.project and n.schedule = o.schedule and n.due > o.due
       limit ${keptOccurrences}) later) < ${keptOccurrences}`;
}

/** In the order of the foreign keys: nothing is deleted that was not asked for. */
async function removeRuns(tx: Transaction, runs: readonly number[]): Promise<void> {
  const loads = tx`select load_id from medallion.loads where run_id = any(${runs as number[]})`;
  await tx`delete from medallion.run_events where run_id = any(${runs as number[]})`;
  await tx`delete from medallion.run_nodes where run_id = any(${runs as number[]})`;
  await tx`delete from medallion.test_failures where run_id = any(${runs as number[]})`;
  await tx`delete from medallion.rejected_rows where load_id in (${loads})`;
  await tx`delete from medallion.load_batches where load_id in (${loads})`;
  await tx`delete from medallion.loads where run_id = any(${runs as number[]})`;
  await tx`delete from medallion.plans where run_id = any(${runs as number[]})`;
  await tx`delete from medallion.occurrences where run_id = any(${runs as number[]})`;
  await tx`update medallion.runs set retry_of = null where retry_of = any(${runs as number[]})`;
  await tx`delete from medallion.runs where run_id = any(${runs as number[]})`;
}

/** Occurrences without a run (missed, overlapping, or it could not begin) go with the runs of their time. */
async function removeOccurrences(sql: Sql, project: string, keep: HistoryOptions): Promise<void> {
  if (keep.keepRuns === null) return;
  await sql`
    with edge as (${edgeOf(sql, project, keep)})
    delete from medallion.occurrences o
     using edge e
     where o.project = ${project} and o.run_id is null and o.status <> 'running'
       and coalesce(o.finished_at, o.started_at) < least(e.started_at, e.cutoff)
       and not ${isLatest(sql)}`;
}
