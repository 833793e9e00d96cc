import type { DeletePolicy } from '../config/define.js';
import type { BronzeTable } from '../config/options.js';
import type { Transaction } from '../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import { addOwned } from '../publish/owned.js';

export interface GoneOptions {
  readonly policy: Exclude<DeletePolicy, 'keep'>;
  readonly bronze: Relation;
  /** All rows that the source has. */
  readonly load: Relation;
  readonly key: readonly string[];
  readonly processId: string;
}

/**
 * Removes or marks the bronze rows whose key the source no longer has.
 * @returns how many
 */
export async function dropGone(tx: Transaction, options: GoneOptions): Promise<number> {
  const { policy, bronze, load, key, processId } = options;
  const same = key
    .map((column) => `l.${quoteIdentifier(column)} = b.${quoteIdentifier(column)}`)
    .join(' and ');
  const gone = `not exists (select from ${quoteRelation(load)} l where ${same})`;
  const { count } =
    policy === 'remove'
      ? await tx.unsafe(`delete from ${quoteRelation(bronze)} b where ${gone}`)
      : await tx.unsafe(
          `update ${quoteRelation(bronze)} b
              set row_deleted_at = now(), load_timestamp = now(), process_id = $1, row_version = b.row_version + 1
            where b.row_deleted_at is null and ${gone}`,
          [processId],
        );
  return count;
}

/** Where `mark` is asked for, bronze has a column that says since when a row is gone. */
export async function addDeletedColumn(
  tx: Transaction,
  project: string,
  { node, relation }: Pick<BronzeTable, 'node' | 'relation'>,
): Promise<void> {
  await tx.unsafe(`alter table ${quoteRelation(relation)} add column row_deleted_at timestamptz`);
  await addOwned(tx, { project, node }, 'columns', ['row_deleted_at']);
}
