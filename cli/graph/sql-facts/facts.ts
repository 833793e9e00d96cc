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

/** What a query is and needs, as far as its text tells. JSON: it is kept in caches and in the database. */
export interface SqlFacts {
  /**
   * Of the parse tree without positions: comments, white space, letter case of keywords and unquoted names do not count; constants, aliases, order do.
   * sha256, base64url.
   */
  readonly hash: string;
  /** Functions called, wherever they stand; sorted, each once. Not those behind operators and casts. */
  readonly functions: readonly CalledFunction[];
  /** Why the same rows may give another result another time, as far as the text alone tells; sorted. */
  readonly timeDependent: readonly string[];
  /** Relations read that are no names of `with` queries; sorted, each once. */
  readonly relations: readonly NamedRelation[];
}
