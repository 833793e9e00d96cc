import { didYouMean, MedallionError } from '../errors/index.js';
import type { ContractColumn, TestDeclaration } from '../project/model.js';
import { dataTests } from './registry.js';
import { parseThreshold } from './threshold.js';

/** A declaration that has been checked as far as that goes without a database. */
export interface CheckedTest {
  readonly declaration: TestDeclaration;
  /** True for a test that the project defines as a macro. */
  readonly isGeneric: boolean;
  readonly title: string;
  /** Names of other models that it reads. */
  readonly reads: readonly string[];
}

/**
 * Checks a test's kind, argument, column and thresholds.
 * @param columns of the contract; null where the model has none
 * @param genericNames tests that the project defines as `macros/test_<name>.hbs`
 * @throws MedallionError MDL1202
 */
export function checkDeclaration(
  declaration: TestDeclaration,
  columns: readonly ContractColumn[] | null,
  genericNames: readonly string[],
): CheckedTest {
  const { kind, argument, column, where } = declaration;
  const wrong = (message: string, hint?: string) => new MedallionError('MDL1202', { message, where, hint });
  for (const [key, text] of [
    ['error_if', declaration.errorIf],
    ['warn_if', declaration.warnIf],
  ] as const) {
    if (text !== undefined && !parseThreshold(text))
      throw wrong(
        `${key}: "${text}" is not a threshold.`,
        `Write a comparison with a whole number: ${key}: ">10".`,
      );
  }
  const builtIn = Object.hasOwn(dataTests, kind) ? dataTests[kind] : undefined;
  if (!builtIn) {
    if (genericNames.includes(kind)) {
      const title = declaration.name ?? `${kind}${column ? ` (${column})` : ''}`;
      return { declaration, isGeneric: true, title, reads: [] };
    }
    throw wrong(
      `There is no test "${kind}".`,
      didYouMean(kind, [...Object.keys(dataTests), ...genericNames]),
    );
  }
  if (builtIn.level === 'column' && column === undefined)
    throw wrong(
      `The test ${kind} belongs under a column.`,
      `Write it in columns: { my_column: { tests: [${kind}] } }.`,
    );
  if (builtIn.level === 'model' && column !== undefined)
    throw wrong(
      `The test ${kind} is about the whole model.`,
      'Move it from the column to tests: of the front matter.',
    );
  const problem = builtIn.problem(argument, declaration);
  if (problem) throw wrong(`The test ${kind} ${problem}.`);
  const named = builtIn.columns?.(argument, declaration) ?? [];
  const unknown = columns && named.find((name) => !columns.some((known) => known.name === name));
  if (unknown)
    throw wrong(
      `${kind}: there is no column "${unknown}".`,
      didYouMean(
        unknown,
        columns.map(({ name }) => name),
      ),
    );
  return {
    declaration,
    isGeneric: false,
    title: declaration.name ?? builtIn.title(argument, declaration),
    reads: builtIn.reads?.(argument, declaration) ?? [],
  };
}
