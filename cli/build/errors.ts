import { isCancelled, isOutOfTime, postgresError } from '../database/postgres-error.js';
import { databaseTrouble, moreTime } from '../database/trouble.js';
import { MedallionError } from '../errors/index.js';

/** Gives an error that nobody expected at its place the code that fits best. */
export function toMedallionError(cause: unknown, signal?: AbortSignal): MedallionError {
  if (cause instanceof MedallionError) return cause;
  const postgres = postgresError(cause);
  const message = postgres?.message ?? (cause instanceof Error ? cause.message : String(cause));
  if (signal?.aborted || isCancelled(cause))
    return new MedallionError('MDL5002', { message: 'Interrupted.', cause });
  if (isOutOfTime(cause)) return new MedallionError('MDL5101', { message, hint: moreTime, cause, postgres });
  return (
    databaseTrouble(cause, 'while the command ran') ??
    new MedallionError('MDL9001', { message, cause, postgres })
  );
}
