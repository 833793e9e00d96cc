import {
  errorCode,
  isConnectionLoss,
  isPermissionDenied,
  postgresError,
} from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';

/** Gives an error that nobody expected at its place the code that fits best. */
export function toMedallionError(cause: unknown, signal?: AbortSignal): MedallionError {
  if (cause instanceof MedallionError) return cause;
  const known = postgresError(cause);
  const message = known?.message ?? (cause instanceof Error ? cause.message : String(cause));
  if (signal?.aborted || (errorCode(cause) === '57014' && /user request/.test(message)))
    return new MedallionError('MDL5002', { message: 'Interrupted.', cause });
  if (isConnectionLoss(cause))
    return new MedallionError('MDL2006', {
      message: `The connection was lost: ${message}`,
      cause,
      postgres: known,
    });
  if (isPermissionDenied(cause)) return new MedallionError('MDL2003', { message, cause, postgres: known });
  return new MedallionError('MDL9001', { message, cause, postgres: known });
}
