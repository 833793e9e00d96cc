import type { Queryable } from '../database/connect.js';

/** How stages are recognised, whatever the configuration was when they were made. */
export function stageComment(project: string): string {
  return `medallion:stage:${project}`;
}

/** Schemas that bear the comment. */
export async function findSchemasMarked(sql: Queryable, comment: string): Promise<readonly string[]> {
  const schemas = await sql<{ name: string }[]>`
    select nspname as name from pg_namespace where obj_description(oid, 'pg_namespace') = ${comment} order by 1`;
  return schemas.map(({ name }) => name);
}
