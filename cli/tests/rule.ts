import type { Relation } from '../database/identifiers.js';
import type { TestDeclaration } from '../project/model.js';

/** What a test is run against. */
export interface Subject {
  /** The relation, staged or published. */
  readonly relation: Relation;
  /** The column that the test stands under, quoted; undefined for a test of the model. */
  readonly column: string | undefined;
  /** A relation that the test's argument names. */
  resolve(name: string): Relation;
}

/** How a test is carried out. */
export type Rule =
  /** SQL condition, true for a row that breaks the rule: all such rules of a relation share one scan. */
  | { readonly kind: 'row'; readonly breaks: string; readonly show?: readonly string[] }
  /** Aggregates over the relation: `failures` is an SQL aggregate that gives the number of failures, `show` describes the state. */
  | { readonly kind: 'aggregate'; readonly failures: string; readonly show: string }
  /** A select of the failing rows, of the subject filtered as `source`. */
  | { readonly kind: 'query'; failing(source: string): string };

/** One built-in data test. */
export interface DataTest {
  readonly level: 'column' | 'model' | 'both';
  /** Checks the argument. @returns the problem in words, or undefined */
  problem(argument: unknown, declaration: TestDeclaration): string | undefined;
  /** For people: `between 0 and 120 (idade)`. */
  title(argument: unknown, declaration: TestDeclaration): string;
  /** Names of other models that the test reads. This and the following expect an argument without a problem. */
  reads?(argument: unknown, declaration: TestDeclaration): readonly string[];
  /** Columns of the model that a test of the model names. */
  columns?(argument: unknown, declaration: TestDeclaration): readonly string[];
  rule(argument: unknown, subject: Subject, declaration: TestDeclaration): Rule;
}

/** A test's source rows: the relation, or those of its rows that the test's `where` keeps. */
export function sourceOf(relation: string, filter: string | undefined): string {
  return filter === undefined ? relation : `(select * from ${relation} where (${filter}\n)) as filtered`;
}
