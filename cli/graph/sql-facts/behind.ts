import type { Calls, NamedRelation, SqlFacts } from './facts.js';
import { type FunctionIdentity, isUnsteady, whyUnsteady } from './steadiness.js';

/** A cast of users or of an extension, and its function, which is not immutable. */
export interface UnsteadyCast extends FunctionIdentity {
  /** Names of types, for people. */
  readonly source: string;
  readonly target: string;
  readonly sourceOid: string;
  readonly targetOid: string;
  /** Postgres makes it where nobody writes it: `as implicit`, `as assignment`. */
  readonly isMadeBySelf: boolean;
}

/** A check of a domain that values have to pass which are cast to it. */
export interface DomainCheck {
  readonly domain: string;
  readonly facts: SqlFacts;
}

/** What a database has behind what queries write without naming a function. */
export interface BehindFacts {
  /** Hashes of the functions of users behind operators and casts, by `behindKey`. */
  readonly hashes: ReadonlyMap<string, readonly string[]>;
  /** The functions behind operators of users, by `behindKey`. */
  readonly operators: ReadonlyMap<string, readonly FunctionIdentity[]>;
  /** Those of the whole database. */
  readonly casts: readonly UnsteadyCast[];
  /** From where values of the types of these casts may come, by `behindKey`: oids of types. */
  readonly met: ReadonlyMap<string, ReadonlySet<string>>;
  /** By `behindKey`. */
  readonly checks: ReadonlyMap<string, readonly DomainCheck[]>;
}

/** `cast`: a type that values are cast to; `relation`: one that is read. */
export type BehindKind = 'operator' | 'cast' | 'function' | 'relation';

/** An operator, a type, a function or a relation by its name. */
export function behindKey(kind: BehindKind, name: string): string {
  return `${kind} ${name}`;
}

/** What a query writes behind which something may stand. */
export function keysBehind({ operators, casts, functions }: Calls): readonly string[] {
  return [
    ...operators.map((name) => behindKey('operator', name)),
    ...casts.map((name) => behindKey('cast', name)),
    ...functions.map(({ name }) => behindKey('function', name)),
  ];
}

/** Why operators and casts of a query may give another result on the same rows; what checks of domains do is not looked at. */
export function reasonsBehind(facts: SqlFacts, behind: BehindFacts): readonly string[] {
  const operators = facts.operators.flatMap((name) => {
    const unsteady = behind.operators.get(behindKey('operator', name))?.find(isUnsteady);
    return unsteady ? [`${whyUnsteady(unsteady)}, behind the operator ${name}`] : [];
  });
  const casts = castsMade(facts, behind).map(
    (cast) => `${whyUnsteady(cast)}, behind the cast from ${cast.source} to ${cast.target}`,
  );
  return [...operators, ...casts];
}

/**
 * The unsteady casts that a query may make. Types of expressions are not known: one that is written counts where values of its source may come from somewhere, and
 * one that Postgres makes by itself where both types do. Types of Postgres's own may come from anywhere.
 */
function castsMade(facts: SqlFacts, { casts, met }: BehindFacts): readonly UnsteadyCast[] {
  const unsteady = casts.filter(isUnsteady);
  if (unsteady.length === 0) return [];
  const typesOf = (keys: readonly string[]) => new Set(keys.flatMap((key) => [...(met.get(key) ?? [])]));
  const written = typesOf(facts.casts.map((name) => behindKey('cast', name)));
  const all = typesOf([...keysBehind(facts), ...facts.relations.map(relationKey)]);
  const isMet = (oid: string) => isOfPostgres(oid) || all.has(oid);
  return unsteady.filter(
    ({ sourceOid, targetOid, isMadeBySelf }) =>
      isMet(sourceOid) && (written.has(targetOid) || (isMadeBySelf && isMet(targetOid))),
  );
}

/** The key of a relation that a query reads. */
export function relationKey({ schema, name }: NamedRelation): string {
  return behindKey('relation', schema === undefined ? name : `${schema}.${name}`);
}

const isOfPostgres = (oid: string) => Number(oid) < 16384;
