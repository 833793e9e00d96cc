import { isDeepStrictEqual } from 'node:util';
import type { BronzeTable } from '../config/options.js';
import { quoteRelation, type Relation } from '../database/identifiers.js';
import { errorCode } from '../database/postgres-error.js';
import type { SourceTable } from '../sources/source.js';
import { type InterruptedLoad, interruptedLoad } from './bookkeeping.js';
import type { LoadContext } from './context.js';
import { continues, type Extract } from './extract.js';
import { loadFingerprint } from './fingerprint.js';

/** An interrupted load that can be gone on with, and whose committed batches are all there. */
export async function findResumable(
  context: LoadContext,
  table: BronzeTable,
  relation: Relation,
  now: { readonly source: SourceTable; readonly extract: Extract; readonly fingerprint: unknown },
): Promise<InterruptedLoad | undefined> {
  const candidate = await interruptedLoad(context.sql, context.project, table.node);
  if (!candidate || !continues(candidate, now.extract, now.source, now.fingerprint)) return undefined;
  // It had ended with these as its error, or would have.
  if (candidate.counts.rejected > table.maxRejects) return undefined;
  if (now.fingerprint !== null) {
    // What is kept of a file may do for saying that there is nothing to do; an offset into it is worth a second look.
    const content = await now.source.fingerprint(context.signal, { afresh: true });
    if (!content || !isDeepStrictEqual(loadFingerprint(table, content, context.isScaledOut), now.fingerprint))
      return undefined;
  }
  try {
    const [row] = await context.sql.unsafe<{ rows: number }[]>(
      `select count(*) as rows from ${quoteRelation(relation)}`,
    );
    return row!.rows === candidate.counts.read - candidate.counts.rejected ? candidate : undefined;
  } catch (cause) {
    if (errorCode(cause) === '42P01') return undefined;
    throw cause;
  }
}
