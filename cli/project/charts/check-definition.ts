import { didYouMean } from '../../errors/index.js';
import { checkPredicate, checkTimeUnit } from './check-transform.js';
import type { Json, Judge, Path } from './judge.js';
import {
  channels,
  definitionKeys,
  measureTypes,
  numericAggregates,
  otherAggregates,
  scaleTypes,
} from './vega-words.js';

const orders = ['ascending', 'descending', ...channels.flatMap((channel) => [channel, `-${channel}`])];

/** Checks what a channel is given: a definition, or a list of them. @see https://vega.github.io/vega-lite/docs/encoding.html#channel-definition */
export function checkDefinition(judge: Judge, given: unknown, path: Path): void {
  if (given === null) return;
  if (Array.isArray(given)) {
    given.forEach((one, i) => {
      checkDefinition(judge, one, [...path, i]);
    });
    return;
  }
  if (typeof given !== 'object')
    judge.wrong(
      path,
      `${JSON.stringify(given)} is no definition of a channel.`,
      `Write { field: ${String(given)} }, or { value: ... } for a constant.`,
    );
  const definition = given as Json;
  for (const key of Object.keys(definition))
    if (!definitionKeys.includes(key))
      judge.wrong(
        [...path, key],
        `"${key}" is nothing that a channel can have.`,
        didYouMean(key, definitionKeys),
      );
  if (!['field', 'aggregate', 'value', 'datum', 'condition', 'content'].some((key) => key in definition))
    judge.wrong(path, 'A channel needs a field, a value or aggregate: count.');
  checkMeasure(judge, definition, path);
  const { sort, condition, scale, stack } = definition;
  if (typeof sort === 'string') judge.word('order', sort, orders, [...path, 'sort']);
  else if (typeof sort === 'object' && sort !== null && !Array.isArray(sort))
    checkSortObject(judge, sort as Json, [...path, 'sort']);
  for (const one of [condition ?? []].flat() as unknown as readonly Json[]) {
    if ('test' in one) checkPredicate(judge, one.test, [...path, 'condition', 'test'], true);
    checkMeasure(judge, one, [...path, 'condition']);
  }
  const scaleType = typeof scale === 'object' ? (scale as Json | null)?.type : undefined;
  if (scaleType !== undefined) judge.word('scale', scaleType, scaleTypes, [...path, 'scale', 'type']);
  if (typeof stack === 'string')
    judge.word('way to stack', stack, ['zero', 'normalize', 'center'], [...path, 'stack']);
}

/** Field, type, aggregate, bin and unit of time, which have to fit each other. */
function checkMeasure(judge: Judge, { field, type, aggregate, bin, timeUnit }: Json, path: Path): void {
  const known = [...numericAggregates, ...otherAggregates];
  if (type !== undefined) judge.word('type of Vega-Lite', type, measureTypes, [...path, 'type']);
  if (typeof aggregate === 'object' && aggregate !== null) {
    // { argmax: receita }: the field is that of the row with the most.
    for (const [key, by] of Object.entries(aggregate)) {
      judge.word('aggregate of Vega-Lite', key, ['argmin', 'argmax'], [...path, 'aggregate', key]);
      judge.column(String(by), [...path, 'aggregate', key]);
    }
  } else if (aggregate !== undefined)
    judge.word('aggregate of Vega-Lite', aggregate, known, [...path, 'aggregate']);
  if (timeUnit !== undefined) checkTimeUnit(judge, timeUnit, [...path, 'timeUnit']);
  if (typeof field !== 'string') {
    if (field === undefined && aggregate !== undefined && aggregate !== 'count')
      judge.wrong([...path, 'aggregate'], `${JSON.stringify(aggregate)} needs a field.`);
    return;
  }
  const at = [...path, 'field'];
  const counts =
    typeof aggregate === 'string' && ['count', 'valid', 'missing', 'distinct'].includes(aggregate);
  const isBinned = bin === true || (typeof bin === 'object' && bin !== null);
  const needsNumber =
    !counts &&
    ((type === 'quantitative' && timeUnit === undefined) ||
      isBinned ||
      numericAggregates.includes(aggregate as string));
  judge.column(field, at, needsNumber ? 'number' : 'any');
  if ((type === 'temporal' || timeUnit !== undefined) && !counts) judge.column(field, at, 'moment');
}

/** `{ field: receita, op: sum, order: descending }`, `{ encoding: x }` */
function checkSortObject(judge: Judge, { field, op, encoding, order }: Json, path: Path): void {
  if (typeof field === 'string') judge.column(field, [...path, 'field']);
  if (op !== undefined)
    judge.word('aggregate of Vega-Lite', op, [...numericAggregates, ...otherAggregates], [...path, 'op']);
  if (encoding !== undefined) judge.word('channel', encoding, channels, [...path, 'encoding']);
  if (order !== undefined && order !== null)
    judge.word('order', order, ['ascending', 'descending'], [...path, 'order']);
}
