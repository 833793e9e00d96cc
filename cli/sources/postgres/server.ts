import type { SourceSession, SourceTable } from '../source.js';
import { describeTable, listTables } from './describe.js';
import { sourceError } from './errors.js';
import type { PostgresOptions } from './options.js';
import { openReader } from './reader.js';
import { settingsOf } from './settings.js';
import { takeSnapshot } from './snapshot.js';
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
  const snapshot = await session?.keep(options, () => takeSnapshot(settings));
  const reader = await openReader(settings, snapshot?.id);
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
