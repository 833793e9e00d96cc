/** A function as a query calls it: quotes are gone, letter case is as Postgres reads it. */
export interface CalledFunction {
  /** Missing where the search path finds it. */
  readonly schema?: string;
  readonly name: string;
  /** How many arguments it is given; of an ordered-set aggregate those of `within group` too. */
  readonly args: number;
}

/** A relation as a query names it. */
export interface NamedRelation {
  readonly schema?: string;
  readonly name: string;
}

/** What a query calls, by name or by what it writes instead. */
export interface Calls {
  /** Functions called, wherever they stand; sorted, each once. */
  readonly functions: readonly CalledFunction[];
  /** Names of operators, also where the grammar has words for them (`between`, `order by`), without their schemas; sorted, each once. */
  readonly operators: readonly string[];
  /** Names of the types that values are cast to, as Postgres has them (`int4`), without their schemas; sorted, each once. */
  readonly casts: readonly string[];
}

/** The names of all that queries call, each once. */
export function namesOf(queries: readonly Calls[]) {
  const each = (names: (query: Calls) => readonly string[]) => [...new Set(queries.flatMap(names))];
  return {
    operators: each((query) => query.operators),
    types: each((query) => query.casts),
    functions: each((query) => query.functions.map(({ name }) => name)),
  };
}

/** A constant that may be read as a date which moves on. */
export interface Word {
  /** As SQL writes it. */
  readonly text: string;
  /** It is text if columns of these names are, wherever the query reads them. */
  readonly columns?: readonly string[];
  /** It is text if the function takes no date. */
  readonly call?: CalledFunction;
}

/** Rises when more is told of the same query. */
export const factsEdition = 3;

/** What a query is and needs, as far as its text tells. JSON: it is kept in caches and in the database. */
export interface SqlFacts extends Calls {
  /**
   * Of the parse tree without positions: comments, white space, letter case of keywords and unquoted names do not count; constants, aliases, order do.
   * sha256, base64url.
   */
  readonly hash: string;
  /** `factsEdition` of the mdl that read it; missing before there was one. */
  readonly edition?: number;
  /** Constants such as `'today'` that are dates or texts: columns and functions beside them tell; missing: there is none. */
  readonly words?: readonly Word[];
  /** Why the same rows may give another result another time, as far as the text alone tells; sorted. */
  readonly timeDependent: readonly string[];
  /** Relations read that are no names of `with` queries; sorted, each once. */
  readonly relations: readonly NamedRelation[];
}
