import { isConnectionLoss, postgresError } from '../../database/postgres-error.js';
import { MedallionError } from '../../errors/index.js';

/**
 * An error of the server that is read, as one of the source's: MDL3002 with what to do.
 * @param origin the server or the table, for the message
 */
export function sourceError(cause: unknown, origin: string, user?: string): MedallionError {
  if (cause instanceof MedallionError) return cause;
  const postgres = postgresError(cause);
  const said =
    postgres?.message ??
    (cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code) : String(cause));
  return new MedallionError('MDL3002', {
    message: `${origin} cannot be read: ${said}${said.endsWith('.') ? '' : '.'}`,
    hint: hintFor(cause, postgres, origin, user),
    cause,
    postgres,
  });
}

function hintFor(
  cause: unknown,
  postgres: ReturnType<typeof postgresError>,
  origin: string,
  user = 'the_role',
): string {
  if (postgres?.sqlstate === '42501')
    return /row-level security/.test(postgres.message)
      ? `Policies would hide rows from "${user}": let it see all of them (alter role ${user} bypassrls), or take what it may see with rowSecurity: true.`
      : `Allow it there: grant usage on its schema, and select on ${origin.split('/').at(-1)}, to "${user}".`;
  if (postgres && /^28|^3D/.test(postgres.sqlstate))
    return 'Check user, password and database in the url of the source.';
  if (postgres && ['42P01', '42703'].includes(postgres.sqlstate))
    return 'The table changed while it was read: run the command again.';
  if (isConnectionLoss(cause))
    return 'Check the url, and that the server is up and lets this machine in; nothing was changed in bronze, so run the command again.';
  return 'Nothing was changed in bronze; see what the server says above.';
}
