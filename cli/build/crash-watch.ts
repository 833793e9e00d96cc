import type { Queryable, Sql } from '../database/connect.js';
import { insist } from '../database/insist.js';
import { MedallionError } from '../errors/index.js';

/**
 * Notices crashes of the server while a run goes on. A run commits what it stages and loads without waiting for the disk, until the publish, which waits; a server
 * that crashes in between, and is back at once, may have lost some of it without any statement failing.
 * @see https://www.postgresql.org/docs/current/wal-async-commit.html
 */
export interface CrashWatch {
  /** How many crashes have been noticed. */
  crashes(): number;
  /**
   * A statement has said whether the server still knew the run (`isAlive`) and was committed on its disk, with all that was committed before.
   * @param nodes what the run had ended before that
   */
  noticed(isAlive: boolean, nodes: readonly string[]): Promise<void>;
  /**
   * Asks, and has all on the disk that was committed before.
   * @param since as many crashes as there may have been
   * @param what of which something may be missing otherwise: `what silver.x had in the stage`
   * @throws MedallionError MDL2006
   */
  requireNone(since: number, what: string): Promise<void>;
  /** Whether all that a node has staged is there: it began after so many crashes, and was on the disk before the next one. */
  hasKept(node: string, since: number): boolean;
}

export function watchCrashes(sql: Sql, runId: number): CrashWatch {
  let crashes = 0;
  const onDisk = new Map<string, number>();
  const noticed = async (isAlive: boolean, nodes: readonly string[]) => {
    if (isAlive) for (const node of nodes) onDisk.set(node, crashes);
    else {
      crashes++;
      await markAlive(sql, runId);
    }
  };
  return {
    crashes: () => crashes,
    noticed,
    async requireNone(since, what) {
      await insist(async () => {
        const [row] = await sql<{ alive: boolean }[]>`
          with written as (update medallion.runs set pid = pid where run_id = ${runId})
          select ${isAlive(sql, runId)} as alive`;
        await noticed(row!.alive, []);
      });
      if (crashes !== since) throw crashError(what);
    },
    hasKept: (node, since) => onDisk.get(node) === since,
  };
}

/** The run goes on, as far as this server knows. */
export async function markAlive(sql: Queryable, runId: number): Promise<void> {
  await sql`insert into medallion.alive (run_id) values (${runId}) on conflict do nothing`;
}

/** Part of a statement: whether the server has not crashed since `markAlive`. */
export function isAlive(sql: Queryable, runId: number) {
  return sql`exists (select from medallion.alive where run_id = ${runId})`;
}

/** @param what of which something may be missing: `what silver.x had in the stage` */
export function crashError(what: string): MedallionError {
  return new MedallionError('MDL2006', {
    message: `The server crashed in the middle of this run, and may have lost a part of ${what}.`,
    hint: 'Nothing of it was published. Run the same command again.',
  });
}
