import { MedallionError } from '../errors/index.js';
import { contentHash } from './content-hash.js';
import { fingerprintOf, identify, keepContent, type ReadFile, recallContent } from './known-content.js';
import type { SourceContext, SourceTable } from './source.js';

/** A table in a file, as the reader of its format opens it. */
export interface OpenedTable extends Omit<SourceTable, 'fingerprint'> {
  /** How its content is read: with the content it makes the fingerprint. */
  readonly readAs: Readonly<Record<string, unknown>>;
}

/**
 * Opens a table in a file, and answers for it that its rows are those of its fingerprint: when the file is written to or replaced in between, it says so
 * instead of handing out the rows of two.
 * @param open opens it in the way of its format
 * @throws MedallionError what `open` throws; MDL3002; from the table's methods also MDL3010
 */
export async function openFileTable(
  file: ReadFile,
  context: SourceContext,
  open: () => Promise<OpenedTable>,
): Promise<SourceTable> {
  const opened = identify(file.path, file.origin);
  const { readAs, ...table } = await open();
  const requireSame = () => {
    if (identify(file.path, file.origin).id === opened.id) return;
    throw new MedallionError('MDL3010', {
      message: `${file.origin} was changed while it was read.`,
      where: { file: file.origin },
    });
  };
  return {
    ...table,
    async fingerprint(signal, options) {
      const recalled = options?.afresh ? undefined : recallContent(file, opened, context);
      if (recalled) return fingerprintOf({ ...recalled, readAs });
      const hashedAtMs = Date.now();
      const hash = await contentHash(file.path, file.origin, signal);
      requireSame();
      const content = { ...hash, readAs, columns: table.columns };
      keepContent(file, opened, hashedAtMs, content, context);
      return fingerprintOf(content);
    },
    async *read(options) {
      for await (const batch of table.read(options)) {
        // Each batch is committed, and an interrupted load goes on behind it: it must be of the file that the fingerprint is of.
        requireSame();
        yield batch;
      }
      requireSame();
    },
  };
}
