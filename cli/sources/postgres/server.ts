import { MedallionError } from '../../errors/index.js';
import type { SourceSession, SourceTable } from '../source.js';
import { describeTable, listTables } from './describe.js';
import { sourceError } from './errors.js';
import type { PostgresOptions } from './options.js';
import { openReader, type Reader } from './reader.js';
import { type Settings, settingsOf } from './settings.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';
import { openTable } from './table.js';

/**
 * The names of the tables that can be read.
 * @throws MedallionError MDL1003, MDL3002
 */
export async function listServer(options: PostgresOptions): Promise<readonly string[]> {
  const settings = settingsOf(options);
  const reader = await openReader(settings);
  try {
    return await listTables(reader, settings);
  } catch (cause) {
    throw sourceError(cause, settings.shownAs);
  } finally {
    await reader.close();
  }
}

/**
 * Opens a table on a connection of its own, at the moment that the run's other tables are read at.
 * @param session without one the moment is the table's own
 * @throws MedallionError MDL1003, MDL3001, MDL3002, MDL3003
 */
export async function openServerTable(
  options: PostgresOptions,
  table: string,
  session: SourceSession | undefined,
): Promise<SourceTable> {
  const settings = settingsOf(options);
  const { reader, snapshot } = await openSharedReader(settings, options, session);
  const origin = `${settings.shownAs}/${settings.schema}.${table}`;
  try {
    const shape = await describeTable(reader, settings, table, origin);
    const isAlone = snapshot !== undefined && snapshot.id === undefined;
    return openTable({ settings, reader, table, origin, shape, isAlone });
  } catch (cause) {
    await reader.close();
    throw sourceError(cause, origin);
  }
}

/** A reader at the moment of the run; where the connection that held that moment was lost, at a new one, which those after it share. */
async function openSharedReader(
  settings: Settings,
  options: PostgresOptions,
  session: SourceSession | undefined,
): Promise<{ reader: Reader; snapshot: Snapshot | undefined }> {
  const keep = async () => session?.keep(options, () => takeSnapshot(settings));
  let snapshot = await keep();
  try {
    return { reader: await openReader(settings, snapshot?.id), snapshot };
  } catch (cause) {
    const sqlstate = cause instanceof MedallionError ? cause.postgres?.sqlstate : undefined;
    if (snapshot?.id === undefined || !['22023', '42704', '55000'].includes(sqlstate ?? '')) throw cause;
    await session?.forget(options, snapshot);
    snapshot = await keep();
    return { reader: await openReader(settings, snapshot?.id), snapshot };
  }
}
