import { createHash } from 'node:crypto';
import { quoteIdentifier } from '../../database/identifiers.js';
import type { CalledFunction, Calls, SqlFacts } from './facts.js';
import { isHarmless } from './stable-functions.js';

/** A function of the database that a call may mean. */
export interface FunctionOverload {
  readonly schema: string;
  readonly name: string;
  /** Arguments without a default. */
  readonly minArgs: number;
  /** Null: any number. */
  readonly maxArgs: number | null;
  /** Immutable, stable, volatile: as it is declared, of an aggregate the worst of the functions that it consists of. */
  readonly volatility: 'i' | 's' | 'v';
  /** The extension that it belongs to. */
  readonly extension: string | null;
  /** Of its definition, and of those that it names; null for functions of Postgres and of extensions. */
  readonly hash: string | null;
}

/** What a database has under the names of functions that queries call. */
export interface FunctionFacts {
  /** By `functionKey`; a name that is not here means no function. */
  readonly overloads: ReadonlyMap<string, readonly FunctionOverload[]>;
  /** Hashes of the functions of users behind operators and casts, by `behindKey`. */
  readonly behind: ReadonlyMap<string, readonly string[]>;
}

/** An operator, or a type that casts are from or to. */
export function behindKey(kind: 'operator' | 'cast', name: string): string {
  return `${kind} ${name}`;
}

/** A name as it is called, whatever its arguments are. */
export function functionKey({ schema, name }: Pick<CalledFunction, 'schema' | 'name'>): string {
  return JSON.stringify([schema ?? null, name]);
}

/**
 * Why the query may give another result on the same rows: `now()`, `random()`, `public.taxa() is volatile`, `'today'::date`; empty: it depends on its
 * rows only. A declaration is believed: a function that says it is immutable is. One that does not exist gives no reason, as the build fails by itself.
 */
export function volatileReasons(facts: SqlFacts, functions: FunctionFacts): readonly string[] {
  const reasons = facts.functions.flatMap((call) => {
    // Types of arguments are not known: the worst of what it may mean.
    const all = candidates(call, functions);
    const volatile = all.find(({ volatility }) => volatility === 'v');
    const worst = volatile ?? all.find((overload) => isUnsteady(overload, call));
    return worst ? [reasonOf(worst)] : [];
  });
  return [...new Set([...facts.timeDependent, ...reasons])];
}

/**
 * Hash of the definitions of the user-defined functions that the query calls, by operators and casts too, and of those that these name: a changed body makes the model stale.
 * @returns `''` without any
 */
export function functionsHash(facts: Calls, functions: FunctionFacts): string {
  const hashes = facts.functions.flatMap((call) =>
    candidates(call, functions).flatMap(({ hash }) => (hash === null ? [] : [hash])),
  );
  const keys = [
    ...facts.operators.map((name) => behindKey('operator', name)),
    ...facts.casts.map((name) => behindKey('cast', name)),
  ];
  hashes.push(...keys.flatMap((key) => functions.behind.get(key) ?? []));
  if (hashes.length === 0) return '';
  return createHash('sha256')
    .update([...new Set(hashes)].sort().join('\n'))
    .digest('base64url');
}

/** The functions that take as many arguments; all, where none does, or where there is one for each number. */
function candidates(call: CalledFunction, { overloads }: FunctionFacts): readonly FunctionOverload[] {
  const all = overloads.get(functionKey(call)) ?? [];
  const fitting = all.filter(
    ({ minArgs, maxArgs }) => call.args >= minArgs && (maxArgs === null || call.args <= maxArgs),
  );
  return fitting.length > 0 ? fitting : all;
}

function isUnsteady({ schema, volatility, extension }: FunctionOverload, { name }: CalledFunction): boolean {
  if (volatility !== 's') return false;
  return schema === 'pg_catalog' || extension !== null ? !isHarmless(name, extension) : true;
}

function reasonOf({ schema, name, volatility }: FunctionOverload): string {
  if (schema === 'pg_catalog') return `${shown(name)}()`;
  const called = `${shown(schema)}.${shown(name)}()`;
  return volatility === 'v' ? `${called} is volatile` : `${called} is stable: it may read other tables`;
}

function shown(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}
