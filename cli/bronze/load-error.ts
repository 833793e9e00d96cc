import type { BronzeTable } from '../config/options.js';
import { isConnectionLoss, postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';

/** What ended a load, as an error with a code. */
export function loadError(cause: unknown, table: BronzeTable, signal: AbortSignal): MedallionError {
  if (cause instanceof MedallionError) return cause;
  const known = postgresError(cause);
  if (signal.aborted)
    return new MedallionError('MDL5002', {
      message: `The load of ${table.node} was interrupted; its committed batches are kept.`,
      cause,
    });
  const message = known?.message ?? (cause instanceof Error ? cause.message : String(cause));
  if (isConnectionLoss(cause))
    return new MedallionError('MDL2006', {
      message: `The connection was lost while ${table.node} was loaded: ${message}`,
      cause,
      postgres: known,
    });
  if (known?.sqlstate === '42501')
    return new MedallionError('MDL2003', { message: `${table.node}: ${message}`, cause, postgres: known });
  return new MedallionError('MDL9001', { message: `${table.node}: ${message}`, cause, postgres: known });
}
