import { quoteIdentifier } from '../../database/identifiers.js';
import { isHarmless } from './stable-functions.js';

/** A function of the database, and how steady it says that it is. */
export interface FunctionIdentity {
  readonly schema: string;
  readonly name: string;
  /** Immutable, stable, volatile: as it is declared, of an aggregate the worst of the functions that it consists of. */
  readonly volatility: 'i' | 's' | 'v';
  /** The extension that it belongs to. */
  readonly extension: string | null;
}

/** Whether the same arguments may give another result another time. A declaration is believed: a function that says it is immutable is. */
export function isUnsteady({ schema, name, volatility, extension }: FunctionIdentity): boolean {
  if (volatility !== 's') return volatility === 'v';
  return schema === 'pg_catalog' || extension !== null ? !isHarmless(name, extension) : true;
}

/** Says of an unsteady function what it is: `now()`, `public.taxa() is volatile`. */
export function whyUnsteady({ schema, name, volatility }: FunctionIdentity): string {
  if (schema === 'pg_catalog') return `${shown(name)}()`;
  const called = `${shown(schema)}.${shown(name)}()`;
  return volatility === 'v' ? `${called} is volatile` : `${called} is stable: it may read other tables`;
}

function shown(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}
