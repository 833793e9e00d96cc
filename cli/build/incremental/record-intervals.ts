import type { Transaction } from '../../database/connect.js';
import { type Range, union } from './ranges.js';

/** What a build has filled, by time. Plain JSON: a plan keeps it until it is published. */
export interface FilledIntervals {
  /** What is whole now. */
  readonly completed: readonly Range[];
  /** Whether what had been filled before is still there. */
  readonly isOnTop: boolean;
}

/** Remembers what has been filled, inside the transaction that publishes it. */
export async function recordIntervals(
  tx: Transaction,
  project: string,
  runId: number,
  filled: readonly { readonly node: string; readonly intervals: FilledIntervals }[],
): Promise<void> {
  if (filled.length === 0) return;
  const before = await tx<{ node: string; from: number; to: number }[]>`
    delete from medallion.intervals
     where project = ${project} and node in ${tx(filled.map(({ node }) => node))}
    returning node, (extract(epoch from starts_at) * 1000)::float8 as "from", (extract(epoch from ends_at) * 1000)::float8 as "to"`;
  const rows = filled.flatMap(({ node, intervals: { completed, isOnTop } }) =>
    union([...completed, ...(isOnTop ? before.filter((row) => row.node === node) : [])]).map(
      ({ from, to }) => ({
        ...{ node, from, to },
      }),
    ),
  );
  await tx`
    insert into medallion.intervals (project, node, starts_at, ends_at, run_id)
    select ${project}, i.node, to_timestamp(i."from" / 1000), to_timestamp(i."to" / 1000), ${runId}
      from pg_catalog.json_to_recordset(${JSON.stringify(rows)}::text::json) as i (node text, "from" float8, "to" float8)`;
}
