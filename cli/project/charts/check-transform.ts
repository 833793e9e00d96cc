import { didYouMean } from '../../errors/index.js';
import { checkExpression } from './check-expression.js';
import type { Json, Judge, Path, Wanted } from './judge.js';
import {
  isTimeUnit,
  numericAggregates,
  otherAggregates,
  transforms,
  windowOperations,
} from './vega-words.js';

/** Checks one of `transform`, and remembers the fields that it makes. @see https://vega.github.io/vega-lite/docs/transform.html */
export function checkTransform(judge: Judge, transform: Json, path: Path): void {
  const kind = transforms.find((known) => known in transform);
  if (kind === undefined)
    judge.wrong(
      path,
      `"${Object.keys(transform).join(', ')}" is no transform that charts can have.`,
      didYouMean(Object.keys(transform)[0] ?? '', transforms),
    );
  const field = (key: string, wanted: Wanted = 'any') => {
    for (const name of [transform[key] ?? []].flat())
      if (typeof name === 'string') judge.column(name, [...path, key], wanted);
  };
  field('groupby');
  switch (kind) {
    case 'aggregate':
    case 'joinaggregate':
    case 'window':
      operations(judge, transform[kind], [...path, kind]);
      break;
    case 'calculate':
      if (typeof transform.calculate === 'string')
        checkExpression(judge, transform.calculate, [...path, 'calculate']);
      break;
    case 'filter':
      checkPredicate(judge, transform.filter, [...path, 'filter']);
      break;
    case 'flatten':
    case 'fold':
      field(kind);
      break;
    case 'timeUnit':
      checkTimeUnit(judge, transform.timeUnit, [...path, 'timeUnit']);
      field('field', 'moment');
      break;
    case 'impute':
    case 'stack':
    case 'pivot':
      field(kind);
      field('key');
      field('value');
      break;
    case 'loess':
    case 'regression':
      field(kind, 'number');
      field('on');
      break;
    case 'density':
    case 'quantile':
    case 'extent':
      field(kind, 'number');
      break;
    case 'bin':
      field('field', 'number');
      break;
  }
  // The columns of a pivot are values of the rows.
  if (kind === 'pivot') judge.made.add('*');
  for (const made of fieldsMadeBy(transform)) judge.made.add(made);
}

function operations(judge: Judge, given: unknown, path: Path): void {
  if (!Array.isArray(given)) judge.wrong(path, 'must be a list such as [{ op: sum, field: x, as: y }].');
  (given as readonly Json[]).forEach(({ op, field }, i) => {
    judge.word(
      'operation of Vega-Lite',
      op,
      [...numericAggregates, ...otherAggregates, ...windowOperations],
      [...path, i, 'op'],
    );
    if (typeof field === 'string' && field !== '*')
      judge.column(field, [...path, i, 'field'], numericAggregates.includes(op as string) ? 'number' : 'any');
  });
}

/** A condition: an expression, or such as `{ field: receita, gt: 100 }`, or several with `and`, `or`, `not`. */
export function checkPredicate(judge: Judge, given: unknown, path: Path, isAfterEncoding = false): void {
  if (typeof given === 'string') checkExpression(judge, given, path, isAfterEncoding);
  if (Array.isArray(given))
    given.forEach((one, i) => {
      checkPredicate(judge, one, [...path, i], isAfterEncoding);
    });
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return;
  const { field, timeUnit, ...rest } = given as Json;
  if (typeof field === 'string') judge.column(field, [...path, 'field']);
  if (timeUnit !== undefined) checkTimeUnit(judge, timeUnit, [...path, 'timeUnit']);
  for (const key of ['and', 'or', 'not'])
    if (key in rest) checkPredicate(judge, rest[key], [...path, key], isAfterEncoding);
}

export function checkTimeUnit(judge: Judge, given: unknown, path: Path): void {
  const unit = typeof given === 'object' && given !== null ? (given as Json).unit : given;
  if (unit !== undefined && !(typeof unit === 'string' && isTimeUnit(unit)))
    judge.wrong(path, `${JSON.stringify(unit)} is no unit of time.`, 'For example yearmonth, day, hours.');
}

/** Names behind `as`, wherever they stand, and those that some transforms have without it. */
function fieldsMadeBy(transform: Json): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value))
        if (key === 'as') found.push(...([inner].flat() as string[]));
        else visit(inner);
  };
  visit(transform);
  if ('fold' in transform && found.length === 0) found.push('key', 'value');
  if ('density' in transform && found.length === 0) found.push('value', 'density');
  if ('quantile' in transform && found.length === 0) found.push('prob', 'value');
  return found;
}
