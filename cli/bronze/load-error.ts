import type { BronzeTable } from '../config/options.js';
import { postgresError } from '../database/postgres-error.js';
import { databaseTrouble } from '../database/trouble.js';
import { MedallionError } from '../errors/index.js';

/** What ended a load, as an error with a code. */
export function loadError(cause: unknown, table: BronzeTable, signal: AbortSignal): MedallionError {
  if (cause instanceof MedallionError) return cause;
  if (signal.reason instanceof MedallionError) return signal.reason;
  if (signal.aborted)
    return new MedallionError('MDL5002', {
      message: `The load of ${table.node} was interrupted; its committed batches are kept.`,
      cause,
    });
  const trouble = databaseTrouble(cause, `while ${table.node} was loaded`);
  if (trouble) return trouble;
  const postgres = postgresError(cause);
  // What Citus says of a row that would be on no node; COPY into bronze's columns has no other reason for it.
  if (postgres?.sqlstate === '22004' && table.distribution?.kind === 'column')
    return new MedallionError('MDL4014', {
      message: `${table.node}: a row has no value in "${table.distribution.column}", which says where it belongs: ${postgres.message}`,
      hint: `Distribute by a column that is never empty, or make the table whole on every node: distribute: 'reference'.`,
      cause,
      postgres,
    });
  const message = postgres?.message ?? (cause instanceof Error ? cause.message : String(cause));
  return new MedallionError('MDL9001', { message: `${table.node}: ${message}`, cause, postgres });
}
