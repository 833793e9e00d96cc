import { RequestError } from '../resolve/errors.js';

export interface Preferences {
  readonly count: 'exact' | 'planned' | 'estimated' | undefined;
  /** `Preference-Applied`: those that are understood, as they were written. */
  readonly applied: string | undefined;
}

const understood: Readonly<Record<string, readonly string[]>> = {
  count: ['exact', 'planned', 'estimated'],
  handling: ['strict', 'lenient'],
};

/** Of writing and of procedures: nothing that reading could do, and no mistake either. */
const ofOthers = ['return', 'resolution', 'missing', 'tx', 'timezone', 'max-affected', 'params'];

const none: Preferences = { count: undefined, applied: undefined };

/**
 * Reads `Prefer`.
 * @throws RequestError PGRST122: `handling=strict` and something that nobody knows
 */
export function readPreferences(header: string | undefined): Preferences {
  if (header === undefined) return none;
  const tokens = header
    .split(',')
    .map((token) => token.trim())
    .filter(Boolean);
  const applied = new Map<string, string>();
  const invalid: string[] = [];
  for (const token of tokens) {
    const [name = '', value = ''] = token.split('=');
    if (understood[name]?.includes(value)) {
      if (!applied.has(name)) applied.set(name, value);
    } else if (!ofOthers.includes(name)) invalid.push(token);
  }
  if (applied.get('handling') === 'strict' && invalid.length > 0)
    throw new RequestError(
      400,
      'PGRST122',
      'Invalid preferences given with handling=strict',
      `Invalid preferences: ${invalid.join(', ')}`,
    );
  return {
    count: applied.get('count') as Preferences['count'],
    applied:
      applied.size > 0 ? [...applied].map(([name, value]) => `${name}=${value}`).join(', ') : undefined,
  };
}
