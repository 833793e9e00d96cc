import type { Queryable } from '../../database/connect.js';

/** Forgets what was published of nodes, how they were defined, which intervals they have, and on what their tests passed; what runs did stays in the history. */
export async function forgetNodes(sql: Queryable, project: string, nodes: readonly string[]): Promise<void> {
  const names = nodes as string[];
  await sql`delete from medallion.relations where project = ${project} and node = any(${names})`;
  await sql`delete from medallion.definitions where project = ${project} and node = any(${names})`;
  await sql`delete from medallion.intervals where project = ${project} and node = any(${names})`;
  await sql`delete from medallion.passed_tests where project = ${project} and node = any(${names})`;
}
