import type { CompiledQuery } from 'kysely';
import type { Sql } from '../../database/connect.js';
import { RequestError } from '../resolve/errors.js';
import type { Gate } from './gate.js';

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
   * The rows, in batches; stopping early ends the statement.
   * @throws RequestError PGRST003 when too many requests wait, 54000 when the statement is too dear
   */
  async *rows(query: CompiledQuery): AsyncGenerator<readonly ResultRow[], void, void> {
    const { sql: text, parameters } = query;
    const leave = await this.gate.enter();
    try {
      if (this.maxCost !== undefined) refuseDear(await this.plan(query), this.maxCost);
      yield* this.sql
        .unsafe<ResultRow[]>(text, parameters as string[], { prepare: this.mayPrepare(text) })
        .cursor(fetchRows);
    } finally {
      leave();
    }
  }

  /** How many rows the planner expects. @throws RequestError PGRST003 */
  async estimate(query: CompiledQuery): Promise<number> {
    const leave = await this.gate.enter();
    try {
      return (await this.plan(query))['Plan Rows'];
    } finally {
      leave();
    }
  }

  private async plan({ sql: text, parameters }: CompiledQuery): Promise<Plan> {
    const [row] = await this.sql.unsafe<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
      `explain (format json) ${text}`,
      parameters as string[],
      { prepare: false },
    );
    return row!['QUERY PLAN'][0].Plan;
  }
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
