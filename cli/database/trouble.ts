import { MedallionError } from '../errors/index.js';
import { errorCode, isConnectionLoss, isPermissionDenied, postgresError } from './postgres-error.js';

/**
 * What is wrong with the database, or the way to it, as an error with a code (MDL2003, MDL2006, MDL2008).
 * @param doing what was being done, for the message: `while bronze.pedidos was loaded`
 * @returns undefined where the statement itself is at fault
 */
export function databaseTrouble(cause: unknown, doing: string): MedallionError | undefined {
  const known = postgresError(cause);
  const said = known?.message ?? (cause instanceof Error ? cause.message : String(cause));
  const parts = { cause, postgres: known };
  if (isConnectionLoss(cause))
    return new MedallionError('MDL2006', { message: `The connection was lost ${doing}: ${said}`, ...parts });
  const code = errorCode(cause);
  if (code === 'ENOSPC' || code?.startsWith('53'))
    return new MedallionError('MDL2008', {
      message: `The server ran out of something ${doing}: ${said}`,
      hint: resourceHints[code === 'ENOSPC' ? '53100' : code],
      ...parts,
    });
  if (isPermissionDenied(cause) || code === '25006')
    return new MedallionError('MDL2003', { message: `Not allowed ${doing}: ${said}`, ...parts });
  return undefined;
}

const resourceHints: Readonly<Record<string, string>> = {
  '53100': 'Make room on the disk, then run the command again: published data is as it was.',
  '53200': 'Lower threads in medallion.config.ts, or work_mem on the server.',
  '53300': 'Lower threads in medallion.config.ts, or raise max_connections on the server.',
};

/** What can be done about `statement_timeout`. */
export const moreTime =
  "Ask for more time in medallion.config.ts, whatever the server's own limit is: statementTimeout: '1h'.";
