import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../../database/connect.js';
import { errorCode } from '../../database/postgres-error.js';

interface RunTotal {
  readonly status: string;
  readonly cause: string;
  readonly runs: number;
}

interface LastRun {
  readonly status: string;
  readonly finished: number;
  readonly seconds: number;
  /** As `RunCounts` of cli/events; null where the run crashed. */
  readonly counts: Readonly<Record<string, number>> | null;
}

/** What the history says, as one statement reads it. Times are seconds since 1970, by the clock of the database. */
interface Reading {
  readonly now: number;
  readonly history: readonly RunTotal[] | null;
  /** Those that have ended since the last reading. */
  readonly ended: readonly (RunTotal & { readonly rows: number; readonly rejected: number })[] | null;
  readonly until: string | null;
  readonly running: number;
  readonly last: LastRun | null;
  readonly succeeded: number | null;
  readonly published: number | null;
  readonly relations: readonly { readonly relation: string; readonly published: number }[] | null;
  readonly occurrences:
    | readonly { readonly schedule: string; readonly status: string; readonly due: number }[]
    | null;
}

/** What is told of a project, and what has happened since the server began. */
export interface ProjectState extends Omit<Reading, 'ended' | 'until'> {
  /** By the clock of this machine, in milliseconds. */
  readonly readAt: number;
  readonly totals: readonly RunTotal[];
  readonly rows: number;
  readonly rejected: number;
}

interface Held {
  readonly at: number;
  isUnderWay: boolean;
  readonly state: Promise<ProjectState | null | undefined>;
}

/** Scrapes within this time share one reading. */
const heldMs = 5000;
/** A scrape does not wait longer for the database: Prometheus gives up after ten seconds. */
const patienceMs = 3000;

/** Reads the state of a project for scrapes: seldom, once at a time, and with one statement. */
export class ProjectReader {
  private held: Held | undefined;
  private until: string | null = null;
  private readonly totals = new Map<string, RunTotal>();
  private rows = 0;
  private rejected = 0;

  /** @param sql of the one who builds */
  constructor(
    private readonly sql: Sql,
    private readonly project: string,
  ) {}

  /** @returns null where nothing was ever built; undefined where the database does not answer, or not soon */
  read(): Promise<ProjectState | null | undefined> {
    const { held } = this;
    if (!held || (!held.isUnderWay && Date.now() - held.at > heldMs)) this.begin();
    return Promise.race([this.held!.state, sleep(patienceMs, undefined, { ref: false })]);
  }

  private begin(): void {
    const held: Held = {
      at: Date.now(),
      isUnderWay: true,
      state: this.readAnew()
        .catch(() => {
          // The next scrape tries again.
          this.held = undefined;
          return undefined;
        })
        .finally(() => {
          held.isUnderWay = false;
        }),
    };
    this.held = held;
  }

  private async readAnew(): Promise<ProjectState | null> {
    let reading: Reading;
    try {
      reading = await readHistory(this.sql, this.project, this.until);
    } catch (error) {
      // No schema of that name, or an older one.
      if (['3F000', '42P01', '42703'].includes(errorCode(error) ?? '')) return null;
      throw error;
    }
    const { ended, until, ...rest } = reading;
    // What had ended before the first reading is history, and not what this server has seen.
    for (const { status, cause } of reading.history ?? []) this.add({ status, cause, runs: 0 });
    for (const { rows, rejected, ...total } of ended ?? []) {
      this.add(total);
      this.rows += rows;
      this.rejected += rejected;
    }
    // Where no run has ended yet, whatever ends is new.
    this.until = until ?? '-infinity';
    return {
      ...rest,
      readAt: Date.now(),
      totals: [...this.totals.values()],
      rows: this.rows,
      rejected: this.rejected,
    };
  }

  private add({ status, cause, runs }: RunTotal): void {
    if (status === 'running') return;
    const key = JSON.stringify([status, cause]);
    this.totals.set(key, { status, cause, runs: (this.totals.get(key)?.runs ?? 0) + runs });
  }
}

/**
 * @param since the time, as text (the driver would cut it to milliseconds), at which the last run of the reading before ended; null: there was none
 */
async function readHistory(sql: Sql, project: string, since: string | null): Promise<Reading> {
  const [row] = await sql<Reading[]>`
    with own as materialized (select * from medallion.runs where project = ${project}),
         last as (select * from own where status <> 'running' order by run_id desc limit 1)
    select extract(epoch from now())::float8 as now,
           (select json_agg(h) from (select status, cause, count(*)::int as runs from own group by 1, 2) h) as history,
           (select json_agg(e) from (
             select status, cause, count(*)::int as runs, coalesce(sum((counts ->> 'rowsRead')::int8), 0) as rows,
                    coalesce(sum((counts ->> 'rejected')::int8), 0) as rejected
               from own where finished_at > ${since}::text::timestamptz group by 1, 2) e) as ended,
           (select max(finished_at)::text from own) as until,
           (select count(*)::int from own where status = 'running') as running,
           (select to_json(l) from (
             select status, extract(epoch from finished_at)::float8 as finished,
                    extract(epoch from finished_at - started_at)::float8 as seconds, counts from last) l) as last,
           (select extract(epoch from max(finished_at))::float8 from own where status = 'succeeded') as succeeded,
           (select extract(epoch from max(published_at))::float8 from own) as published,
           (select json_agg(r) from (
             select schema_name || '.' || table_name as relation, extract(epoch from published_at)::float8 as published
               from medallion.relations where project = ${project} order by 1) r) as relations,
           (select json_agg(o) from (
             select distinct on (schedule) schedule, status, extract(epoch from due)::float8 as due
               from medallion.occurrences where project = ${project} order by schedule, due desc) o) as occurrences`;
  return row!;
}
