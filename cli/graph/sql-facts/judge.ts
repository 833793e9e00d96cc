import { createHash } from 'node:crypto';
import { type BehindFacts, type DomainCheck, keysBehind, reasonsBehind, relationKey } from './behind.js';
import type { CalledFunction, Calls, SqlFacts, Word } from './facts.js';
import { type FunctionIdentity, isUnsteady, whyUnsteady } from './steadiness.js';

/** A function of the database that a call may mean. */
export interface FunctionOverload extends FunctionIdentity {
  /** Arguments without a default. */
  readonly minArgs: number;
  /** Null: any number. */
  readonly maxArgs: number | null;
  /** It takes an argument that is a date, or may be one. */
  readonly takesDate: boolean;
  /** Of its definition, and of those that it names; null for functions of Postgres and of extensions. */
  readonly hash: string | null;
}

/** What a database has under the names of functions that queries call, and behind what they write instead. */
export interface FunctionFacts {
  /** By `functionKey`; a name that is not here means no function. */
  readonly overloads: ReadonlyMap<string, readonly FunctionOverload[]>;
  readonly behind: BehindFacts;
  /** Columns beside which queries have a word, by the relation's `behindKey` and their name: whether they hold no date. */
  readonly textColumns: ReadonlyMap<string, ReadonlyMap<string, boolean>>;
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
  const checks = checksOf(facts, functions).flatMap(({ domain, facts: check }) =>
    ownReasons(check, functions).map((reason) => `${reason}, in a check of the domain ${domain}`),
  );
  return [...new Set([...ownReasons(facts, functions), ...checks])];
}

function ownReasons(facts: SqlFacts, functions: FunctionFacts): readonly string[] {
  const called = facts.functions.flatMap((call) => {
    // Types of arguments are not known: the worst of what it may mean.
    const all = candidates(call, functions).filter(isUnsteady);
    const worst = all.find(({ volatility }) => volatility === 'v') ?? all[0];
    return worst ? [whyUnsteady(worst)] : [];
  });
  const words = (facts.words ?? [])
    .filter((word) => mayBeDate(word, facts, functions))
    .map(({ text }) => text);
  return [...facts.timeDependent, ...words, ...called, ...reasonsBehind(facts, functions.behind)];
}

/** A word is text where its function takes no date, or where no column of those names that the query may read is another thing. */
function mayBeDate({ columns, call }: Word, { relations }: SqlFacts, functions: FunctionFacts): boolean {
  if (call) return candidates(call, functions).some(({ takesDate }) => takesDate);
  return (columns ?? []).some((name) => {
    const known = relations.flatMap(
      (relation) => functions.textColumns.get(relationKey(relation))?.get(name) ?? [],
    );
    return known.length === 0 || known.includes(false);
  });
}

/** The checks that values may have to pass, and those that these lead to. */
function checksOf(calls: Calls, { behind: { checks } }: FunctionFacts): readonly DomainCheck[] {
  const found = new Set(keysBehind(calls).flatMap((key) => checks.get(key) ?? []));
  // What is added to a set while it is walked comes in its turn.
  for (const { facts } of found)
    for (const key of keysBehind(facts)) for (const check of checks.get(key) ?? []) found.add(check);
  return [...found];
}

/**
 * Hash of the definitions of the user-defined functions that the query calls, by operators and casts too, of those that these name, and of the checks of domains: a
 * changed body makes the model stale.
 * @returns `''` without any
 */
export function functionsHash(facts: Calls, functions: FunctionFacts): string {
  const checks = checksOf(facts, functions).map((check) => check.facts);
  const hashes = [facts, ...checks].flatMap((calls) => [
    ...calls.functions.flatMap((call) => candidates(call, functions).flatMap(({ hash }) => hash ?? [])),
    ...keysBehind(calls).flatMap((key) => functions.behind.hashes.get(key) ?? []),
  ]);
  hashes.push(...checks.map(({ hash }) => hash));
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
