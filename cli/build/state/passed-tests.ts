import type { Queryable } from '../../database/connect.js';

/** On what tests that need several relations passed last, by node. */
export async function readPassedTests(sql: Queryable, project: string): Promise<Map<string, string>> {
  const rows = await sql<{ node: string; fingerprint: string }[]>`
    select node, fingerprint from medallion.passed_tests where project = ${project}`;
  return new Map(rows.map(({ node, fingerprint }) => [node, fingerprint]));
}

/** Records that tests have passed; those that read what is published together with them belong into that transaction. */
export async function recordPassedTests(
  sql: Queryable,
  project: string,
  runId: number,
  tests: readonly { readonly node: string; readonly fingerprint: string }[],
): Promise<void> {
  if (tests.length === 0) return;
  await sql`
    insert into medallion.passed_tests (project, node, fingerprint, run_id)
    select ${project}, t.node, t.fingerprint, ${runId}
      from json_to_recordset(${JSON.stringify(tests)}::text::json) as t (node text, fingerprint text)
    on conflict (project, node) do update
       set fingerprint = excluded.fingerprint, run_id = excluded.run_id, passed_at = now()`;
}
