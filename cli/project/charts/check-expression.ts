import { Script } from 'node:vm';
import type { Judge, Path } from './judge.js';
import { expressionFunctions } from './vega-words.js';

/**
 * Checks an expression of Vega: its grammar, which is a part of JavaScript's, and the fields that it names. It is parsed and never run.
 * @param isAfterEncoding `datum` has also what a channel makes: `sum_receita`
 * @see https://vega.github.io/vega/docs/expressions/
 */
export function checkExpression(judge: Judge, expression: string, path: Path, isAfterEncoding = false): void {
  try {
    new Script(`(${expression}\n)`);
  } catch (error) {
    judge.wrong(path, `"${expression}" is no expression: ${(error as Error).message}.`);
  }
  const code = expression.replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, (text, at: number) =>
    // A name in brackets is one, any other text is none.
    /\bdatum\s*\[\s*$/.test(expression.slice(0, at)) ? text : '""',
  );
  const statement = /=>|(?<![=!<>])=(?![=>])|;|\b(?:function|new|class|this|import|await|yield)\b|`/.exec(
    code,
  );
  if (statement)
    judge.wrong(
      path,
      `"${statement[0]}" is not part of Vega's expressions.`,
      'They compute one value, for example datum.receita / datum.pedidos.',
    );
  for (const [, dot, name] of code.matchAll(/(\.\s*)?([\p{L}_$][\p{L}\p{N}_$]*)\s*\(/gu)) {
    if (dot)
      judge.wrong(
        path,
        `Vega's values have no methods such as ${name}().`,
        `Write ${name}(value), or another function.`,
      );
    judge.word('function of Vega', name, expressionFunctions, path);
  }
  for (const [, plain, , quoted] of code.matchAll(
    /\bdatum\s*(?:\.\s*([\p{L}_$][\p{L}\p{N}_$]*)|\[\s*(['"])(.*?)\2\s*\])/gu,
  )) {
    const name = plain ?? quoted!;
    if (isAfterEncoding && /_|^count$/.test(name)) continue;
    judge.column(name.replaceAll(/[.[\]]/g, '\\$&'), path);
  }
}
