import type { Sql } from '../database/connect.js';
import type { NodeName } from '../project/model.js';
import { type KeyEquality, type KeyedRelation, readKeyEqualities } from '../publish/delta/index.js';

/** How the columns of a published table's key are equal; undefined where it has no such key. */
export type KeyEqualities = (name: NodeName) => Promise<readonly KeyEquality[] | undefined>;

/** Reads it for all tables of a run when it is asked for the first of them: one statement in place of one for each. */
export function keyEqualities(sql: Sql, keyed: ReadonlyMap<NodeName, KeyedRelation>): KeyEqualities {
  let reading: Promise<ReadonlyMap<NodeName, readonly KeyEquality[] | undefined>> | undefined;
  const readAll = async () => {
    const read = await readKeyEqualities(sql, [...keyed.values()]);
    return new Map([...keyed.keys()].map((name, at) => [name, read[at]]));
  };
  return async (name) => {
    reading ??= readAll();
    try {
      return (await reading).get(name);
    } catch (cause) {
      // The connection may have been lost: the next one asks again.
      reading = undefined;
      throw cause;
    }
  };
}
