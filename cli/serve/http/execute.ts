import type { CompiledQuery } from 'kysely';
import type { Sql } from '../../database/connect.js';

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

  constructor(private readonly sql: Sql) {}

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

  /** The rows, in batches; stopping early ends the statement. */
  rows({ sql: text, parameters }: CompiledQuery): AsyncIterable<readonly ResultRow[]> {
    return this.sql
      .unsafe<ResultRow[]>(text, parameters as string[], { prepare: this.mayPrepare(text) })
      .cursor(fetchRows);
  }

  /** How many rows the planner expects. */
  async estimate({ sql: text, parameters }: CompiledQuery): Promise<number> {
    const [row] = await this.sql.unsafe<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }[]>(
      `explain (format json) ${text}`,
      parameters as string[],
      { prepare: false },
    );
    return row!['QUERY PLAN'][0].Plan['Plan Rows'];
  }
}
