import type { Contract, TestDeclaration } from '../project/model.js';

/** What is known of the rows of a published relation, because nothing else would have been published: `medallion.relations.proved`. */
export interface Proved {
  /** Columns without null. */
  readonly not_null?: readonly string[];
  /** The only texts that columns hold, apart from null. */
  readonly accepted?: Readonly<Record<string, readonly string[]>>;
}

/** What a model's contract and tests prove; a test that lets some rows through proves nothing. */
export function provedBy(contract: Contract, tests: readonly TestDeclaration[]): Proved {
  const strict = tests.flatMap((test) =>
    test.column !== undefined && test.severity === 'error' && !test.filter && !test.errorIf
      ? [{ ...test, column: test.column }]
      : [],
  );
  const notNull = new Set([
    ...contract.primaryKey,
    ...(contract.columns ?? []).filter((column) => column.notNull).map(({ name }) => name),
    ...strict.filter(({ kind }) => kind === 'not_null').map(({ column }) => column),
  ]);
  const accepted = strict.flatMap(({ kind, column, argument }) =>
    kind === 'accepted_values' && isTexts(argument) ? [[column, [...new Set(argument)]] as const] : [],
  );
  return {
    ...(notNull.size > 0 && { not_null: [...notNull] }),
    ...(accepted.length > 0 && { accepted: Object.fromEntries(accepted) }),
  };
}

function isTexts(argument: unknown): argument is readonly string[] {
  return Array.isArray(argument) && argument.every((value) => typeof value === 'string');
}
