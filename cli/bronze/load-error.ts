import type { BronzeTable } from '../config/options.js';
import { postgresError } from '../database/postgres-error.js';
import { databaseTrouble } from '../database/trouble.js';
import { MedallionError } from '../errors/index.js';

/** What ended a load, as an error with a code. */
export function loadError(cause: unknown, table: BronzeTable, signal: AbortSignal): MedallionError {
  if (cause instanceof MedallionError) return cause;
  if (signal.aborted)
    return new MedallionError('MDL5002', {
      message: `The load of ${table.node} was interrupted; its committed batches are kept.`,
      cause,
    });
  const trouble = databaseTrouble(cause, `while ${table.node} was loaded`);
  if (trouble) return trouble;
  const postgres = postgresError(cause);
  const message = postgres?.message ?? (cause instanceof Error ? cause.message : String(cause));
  return new MedallionError('MDL9001', { message: `${table.node}: ${message}`, cause, postgres });
}
