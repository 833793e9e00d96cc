import { MedallionError } from '../../errors/index.js';
import { keyRole } from './key-role.js';
import type { Settings } from './options.js';
import type { Refusal } from './rest.js';

/**
 * The error for a refusal that will not pass: what it means, and what to do.
 * @param origin the table, for the message
 */
export function refused(refusal: Refusal, origin: string, settings: Settings): MedallionError {
  const { status, code, message } = refusal;
  const { schema, key } = settings;
  const says = `${origin}: ${message} (status ${status}${code === '' ? '' : `, ${code}`})`;
  const withHint = (name: 'MDL3001' | 'MDL3002' | 'MDL3021', hint: string | undefined) =>
    new MedallionError(name, { message: says.endsWith('.') ? says : `${says}.`, hint });
  if (code === 'PGRST106' || status === 406)
    return withHint(
      'MDL3021',
      `Expose the schema "${schema}" on the project's page: Settings > API > Exposed schemas.`,
    );
  if (code === 'PGRST205' || code === '42P01' || (status === 404 && code === ''))
    return withHint(
      'MDL3001',
      refusal.hint ?? `Check that "${schema}" is the schema, and that it is exposed.`,
    );
  if (code === '42501')
    return withHint(
      'MDL3021',
      `The key's role (${keyRole(key) ?? 'unknown'}) may not read it: grant select on it to that role, or use a secret key.`,
    );
  if (code === 'PGRST303' || /expired/i.test(message))
    return withHint('MDL3021', 'The key has expired: take a new one from Settings > API keys.');
  if (status === 401 || status === 403)
    return withHint('MDL3021', 'Check that the key belongs to this project: Settings > API keys.');
  if (status === 414)
    return withHint('MDL3002', 'Too many columns for one address: name fewer with tables: { ... columns }.');
  return withHint('MDL3002', refusal.hint);
}
