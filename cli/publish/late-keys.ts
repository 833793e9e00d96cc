import type { Transaction } from '../database/connect.js';
import type { Relation } from '../database/identifiers.js';
import type { DeltaMove } from './apply-delta.js';
import type { KeyBetween } from './dependents.js';
import type { Move } from './move.js';
import { addOwned } from './owned.js';
import type { Survey } from './survey.js';

/**
 * Foreign keys between a relation whose rows are written and one that is replaced, which would forbid to write the rows: new ones may refer to rows that
 * come with the swap only, and those that go may be referred to by rows that go with it.
 */
export function keysInTheWay(
  { keys, ownKeys }: Pick<Survey, 'keys' | 'ownKeys'>,
  deltas: readonly DeltaMove[],
): readonly KeyBetween[] {
  const isWritten = (relation: Relation, parts: readonly ('inserted' | 'updated' | 'deleted')[]) =>
    deltas.some(
      ({ to, delta: { counts } }) =>
        to.schema === relation.schema && to.name === relation.name && parts.some((part) => counts[part] > 0),
    );
  return [
    ...keys.filter(({ on }) => isWritten(on, ['inserted', 'updated'])),
    ...ownKeys.filter(({ onto }) => isWritten(onto, ['updated', 'deleted'])),
  ];
}

/** Lets them go for as long as rows are written: the swap adds those again that stay, and drops the tables of the others. */
export async function letKeysGo(tx: Transaction, keys: readonly KeyBetween[]): Promise<void> {
  for (const { table, constraint } of keys)
    await tx.unsafe(`alter table ${table} drop constraint ${constraint}`);
}

/**
 * Adds foreign keys that could not be there before: what they point to is published in the same transaction, row by row. They are ours like any other
 * key of the relation.
 */
export async function addLateKeys(tx: Transaction, project: string, moves: readonly Move[]): Promise<void> {
  for (const { node, to, lateKeys = [] } of moves) {
    if (lateKeys.length === 0) continue;
    const before = await keysOf(tx, to);
    for (const statement of lateKeys) await tx.unsafe(statement);
    const added = (await keysOf(tx, to)).filter((name) => !before.includes(name));
    await addOwned(tx, { project, node }, 'constraints', added);
  }
}

async function keysOf(tx: Transaction, { schema, name }: Move['to']): Promise<readonly string[]> {
  const rows = await tx<{ name: string }[]>`
    select k.conname as name
      from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${schema} and c.relname = ${name} and k.contype = 'f'`;
  return rows.map((row) => row.name);
}
