import type { CompiledQuery } from 'kysely';
import type { Queryable, Sql } from '../../database/connect.js';
import { postgresError } from '../../database/postgres-error.js';
import type { RequestSpans } from '../../telemetry/traces/requests.js';
import { RequestError } from '../resolve/errors.js';
import type { Identity } from './auth/identity.js';
import type { Gate } from './gate.js';
import type { PlanOptions } from './media.js';
import { takeRole } from './take-role.js';

/** One row of a read statement. */
export interface ResultRow {
  readonly row: string | null;
  readonly total?: number;
  /** Rows of this page. */
  readonly rows?: number;
}

/** Rows that are fetched, and held, at a time. */
export const fetchRows = 1000;
/** Statements that a connection keeps prepared; others are planned each time, so that no visitor can fill the memory. */
const maxPrepared = 500;

/** Runs statements on a pool whose connections can only read. */
export class Executor {
  private readonly seen = new Set<string>();
  private readonly prepared = new Set<string>();

  /** @param maxCost the planner's cost that a statement may have at most; undefined: any */
  constructor(
    private readonly sql: Sql,
    private readonly gate: Gate,
    private readonly maxCost?: number | undefined,
    private readonly spans?: RequestSpans | undefined,
  ) {}

  /** A statement that comes back is prepared. */
  private mayPrepare(text: string): boolean {
    if (this.prepared.has(text)) return true;
    if (this.prepared.size >= maxPrepared) return false;
    if (!this.seen.has(text)) {
      if (this.seen.size >= maxPrepared) this.seen.clear();
      this.seen.add(text);
      return false;
    }
    this.seen.delete(text);
    this.prepared.add(text);
    return true;
  }

  /**
   * All the rows.
   * @throws RequestError PGRST003 when too many requests wait, 54000 when the statement is too dear
   */
  async rows(query: CompiledQuery, identity: Identity): Promise<readonly ResultRow[]> {
    const { sql, release } = await this.enter(identity);
    try {
      if (this.maxCost !== undefined) refuseDear(await plan(sql, query), this.maxCost);
      return await (this.spans ? this.traced(query, this.start(sql, query)) : this.start(sql, query));
    } finally {
      const released = release();
      if (released) await released;
    }
  }

  /**
   * The rows in batches; stopping early ends the statement.
   * @throws RequestError PGRST003 when too many requests wait, 54000 when the statement is too dear
   */
  async *batches(query: CompiledQuery, identity: Identity): AsyncGenerator<readonly ResultRow[], void, void> {
    const { sql, release } = await this.enter(identity);
    try {
      if (this.maxCost !== undefined) refuseDear(await plan(sql, query), this.maxCost);
      const rows = this.start(sql, query).cursor(fetchRows);
      yield* this.spans ? tracedRows(this.spans, query, rows) : rows;
    } finally {
      await release();
    }
  }

  private start(sql: Queryable, { sql: text, parameters }: CompiledQuery) {
    return sql.unsafe<ResultRow[]>(text, parameters as string[], { prepare: this.mayPrepare(text) });
  }

  private async traced<Rows>(query: CompiledQuery, rows: Promise<Rows>): Promise<Rows> {
    const end = this.spans!.statement(query.sql);
    try {
      const found = await rows;
      end({});
      return found;
    } catch (error) {
      end({}, failure(error));
      throw error;
    }
  }

  /** How Postgres would carry it out, in its own words. @throws RequestError PGRST003 */
  async explain(
    { sql: text, parameters }: CompiledQuery,
    identity: Identity,
    how: PlanOptions,
  ): Promise<string> {
    const { sql, release } = await this.enter(identity);
    try {
      const options = [`format ${how.format}`, ...how.options].join(', ');
      const rows = await sql.unsafe<{ 'QUERY PLAN': unknown }[]>(
        `explain (${options}) ${text}`,
        parameters as string[],
        {
          prepare: false,
        },
      );
      return how.format === 'json'
        ? JSON.stringify(rows[0]!['QUERY PLAN'])
        : rows.map((row) => row['QUERY PLAN']).join('\n');
    } finally {
      await release();
    }
  }

  /** How many rows the planner expects. @throws RequestError PGRST003 */
  async estimate(query: CompiledQuery, identity: Identity): Promise<number> {
    const { sql, release } = await this.enter(identity);
    try {
      return (await plan(sql, query))['Plan Rows'];
    } finally {
      await release();
    }
  }

  /** A connection, or all of them where nobody has said who they are. */
  private async enter(identity: Identity): Promise<{ sql: Queryable; release(): Promise<void> | void }> {
    const leave = await this.gate.enter();
    if (identity.claims === undefined) return { sql: this.sql, release: leave };
    try {
      const session = await takeRole(this.sql, identity);
      return { sql: session.sql, release: () => session.release().finally(leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }
}

async function* tracedRows(
  spans: RequestSpans,
  query: CompiledQuery,
  batches: AsyncIterable<ResultRow[]>,
): AsyncGenerator<ResultRow[], void, void> {
  const end = spans.statement(query.sql);
  let error: ReturnType<typeof failure> | undefined;
  try {
    yield* batches;
  } catch (cause) {
    error = failure(cause);
    throw cause;
  } finally {
    end({}, error);
  }
}

/** By Postgres's code: its message may hold values. */
function failure(error: unknown): { type: string } {
  return { type: postgresError(error)?.sqlstate ?? 'connection' };
}

async function plan(sql: Queryable, { sql: text, parameters }: CompiledQuery): Promise<Plan> {
  const [row] = await sql.unsafe<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
    `explain (format json) ${text}`,
    parameters as string[],
    { prepare: false },
  );
  return row!['QUERY PLAN'][0].Plan;
}

interface Plan {
  readonly 'Plan Rows': number;
  readonly 'Total Cost': number;
}

function refuseDear(plan: Plan, maxCost: number): void {
  const cost = plan['Total Cost'];
  if (cost <= maxCost) return;
  throw new RequestError(
    400,
    '54000',
    'This request would be too much work for the database.',
    `The planner expects a cost of ${Math.round(cost)}; ${maxCost} is allowed.`,
    'Ask for fewer rows, or filter by a column that has an index.',
  );
}
