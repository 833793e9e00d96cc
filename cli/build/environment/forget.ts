import type { Queryable } from '../../database/connect.js';

/**
 * Forgets what was published of nodes, how they were defined and which intervals they have; what runs did stays in the history. The versions of a node that comes back
 * are counted anew, so on what tests passed is forgotten too: of the whole project, as those that read the nodes may have left it and come back.
 */
export async function forgetNodes(sql: Queryable, project: string, nodes: readonly string[]): Promise<void> {
  const names = nodes as string[];
  await sql`delete from medallion.relations where project = ${project} and node = any(${names})`;
  await sql`delete from medallion.definitions where project = ${project} and node = any(${names})`;
  await sql`delete from medallion.intervals where project = ${project} and node = any(${names})`;
  await sql`delete from medallion.passed_tests where project = ${project}`;
}
