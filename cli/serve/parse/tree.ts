/** A step into a JSON value: `->key`, `->>key`, `->0`. */
export interface JsonStep {
  readonly arrow: '->' | '->>';
  readonly key: string | number;
}

/** A column, or a place in a JSON column. */
export interface Field {
  readonly name: string;
  readonly path: readonly JsonStep[];
}

export type Aggregate = 'count' | 'sum' | 'avg' | 'min' | 'max';

export interface SelectedField {
  readonly kind: 'field';
  /** Undefined: `count()` of rows. */
  readonly field: Field | undefined;
  readonly alias: string | undefined;
  readonly cast: string | undefined;
  readonly aggregate: Aggregate | undefined;
  readonly aggregateCast: string | undefined;
}

export interface SelectedAll {
  readonly kind: 'all';
}

export interface SelectedEmbed {
  readonly kind: 'embed';
  /** As asked for: a relation, a foreign key or its column. */
  readonly target: string;
  readonly alias: string | undefined;
  /** Which relationship, where there are several: `!hint`. */
  readonly hint: string | undefined;
  readonly join: 'inner' | 'left' | undefined;
  readonly isSpread: boolean;
  readonly select: readonly SelectItem[];
}

export type SelectItem = SelectedField | SelectedAll | SelectedEmbed;

/** Operators that compare with one value, and their negations and modifiers aside. */
export const valueOperators = [
  ...['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch', 'isdistinct'],
  ...['cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'],
] as const;
export type ValueOperator = (typeof valueOperators)[number];

/** Those that take `(any)` and `(all)`. */
export const quantifiedOperators: readonly string[] = [
  'eq',
  'gt',
  'gte',
  'lt',
  'lte',
  'like',
  'ilike',
  'match',
  'imatch',
];

export const searchOperators = ['fts', 'plfts', 'phfts', 'wfts'] as const;
export type SearchOperator = (typeof searchOperators)[number];

export const isValues = ['null', 'not_null', 'true', 'false', 'unknown'] as const;
export type IsValue = (typeof isValues)[number];

export type Comparison =
  | {
      readonly kind: 'compare';
      readonly operator: ValueOperator;
      readonly quantifier: 'any' | 'all' | undefined;
      readonly value: string;
    }
  | { readonly kind: 'in'; readonly values: readonly string[] }
  | { readonly kind: 'is'; readonly value: IsValue }
  | {
      readonly kind: 'search';
      readonly operator: SearchOperator;
      readonly language: string | undefined;
      readonly value: string;
    };

export type Condition =
  | {
      readonly kind: 'filter';
      readonly field: Field;
      readonly isNegated: boolean;
      readonly comparison: Comparison;
    }
  | {
      readonly kind: 'and' | 'or';
      readonly isNegated: boolean;
      readonly conditions: readonly Condition[];
    };

export interface OrderTerm {
  readonly field: Field;
  /** An embedded relation that has one row for each of ours. */
  readonly embed: string | undefined;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | undefined;
}

/** What is asked of the root, or of one embedded relation. */
export interface Clauses {
  readonly conditions: readonly Condition[];
  readonly order: readonly OrderTerm[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
}

/** The query part of a URL. */
export interface UrlTree {
  readonly select: readonly SelectItem[];
  readonly root: Clauses;
  /** By path of names (aliases or targets), joined with `.`. */
  readonly embedded: ReadonlyMap<string, { readonly path: readonly string[]; readonly clauses: Clauses }>;
}
