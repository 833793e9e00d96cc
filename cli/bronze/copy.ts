import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Transaction } from '../database/connect.js';
import { quoteIdentifier, quoteLiteral, quoteRelation, type Relation } from '../database/identifiers.js';
import type { CopyFormat } from '../sources/source.js';

export interface CopyTarget {
  readonly relation: Relation;
  /** The columns that the fields of a record go to, in order. */
  readonly columns: readonly string[];
}

/**
 * Sends bytes through COPY, with back-pressure. Nothing is decoded on the way.
 * @throws Postgres's error for what it refuses; the signal's reason when aborted. The transaction is lost then.
 */
export async function copyIn(
  tx: Transaction,
  target: CopyTarget,
  format: CopyFormat,
  chunks: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<void> {
  const query = tx.unsafe(copyStatement(target, format));
  // The driver settles a COPY query when the stream opens. An error that comes after the last byte was sent rejects it once more, without
  // anyone hearing it, and the stream would wait forever: so that second rejection is listened to.
  const settled = query as unknown as { reject: (error: unknown) => void };
  const reject = settled.reject;
  const refused = new Promise<never>((_, fail) => {
    settled.reject = (error) => {
      reject(error);
      fail(error);
    };
  });
  refused.catch(() => {});
  const stream = await query.writable();
  await Promise.race([pipeline(Readable.from(chunks, { objectMode: true }), stream, { signal }), refused]);
}

function copyStatement({ relation, columns }: CopyTarget, format: CopyFormat): string {
  const options =
    format.format === 'text'
      ? ['format text', `encoding ${quoteLiteral(format.encoding)}`]
      : [
          'format csv',
          `delimiter ${quoteLiteral(format.delimiter)}`,
          `quote ${quoteLiteral(format.quote)}`,
          `escape ${quoteLiteral(format.escape)}`,
          `null ${quoteLiteral(format.nullText)}`,
          `encoding ${quoteLiteral(format.encoding)}`,
        ];
  return `copy ${quoteRelation(relation)} (${columns.map(quoteIdentifier).join(', ')}) from stdin with (${options.join(', ')})`;
}
