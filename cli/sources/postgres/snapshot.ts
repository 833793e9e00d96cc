import { errorCode } from '../../database/postgres-error.js';
import { sourceError } from './errors.js';
import { openReader } from './reader.js';
import type { Settings } from './settings.js';

/** A moment of the server that several readers see. */
export interface Snapshot {
  /** Undefined where the server cannot share one: then each table is read at a moment of its own. */
  readonly id: string | undefined;
}

/**
 * Takes a snapshot and keeps it until it is closed.
 * @throws MedallionError MDL3002
 * @see https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
 */
export async function takeSnapshot(settings: Settings): Promise<{ value: Snapshot; close(): Promise<void> }> {
  const holder = await openReader(settings);
  try {
    const [row] = await holder.query<{ id: string }>('select pg_export_snapshot() as id');
    return { value: { id: row!.id }, close: holder.close };
  } catch (cause) {
    await holder.close();
    // A standby of before Postgres 10 cannot.
    if (['0A000', '55000', '25006'].includes(errorCode(cause) ?? ''))
      return { value: { id: undefined }, close: async () => {} };
    throw sourceError(cause, settings.shownAs);
  }
}
