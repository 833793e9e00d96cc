import type { Sql } from '../../database/connect.js';
import type { Relation } from '../../database/identifiers.js';
import { quoteIdentifier } from '../../database/identifiers.js';
import { didYouMean, MedallionError } from '../../errors/index.js';
import type { CompiledQuery, Compiler } from '../../graph/compile.js';
import { hourHint, isUtc } from '../../project/incremental.js';
import type { Model, TimeRange } from '../../project/model.js';
import { located } from '../model-error.js';
import { selectSql } from '../model-sql.js';
import { timestamptz, timeTypes } from '../time-types.js';
import { literalsSql } from './borders-sql.js';
import type { Range } from './ranges.js';

/** A range as SQL compares with: quoted literals. */
export interface Interval {
  readonly from: string;
  readonly to: string;
}

export async function readLiterals(
  sql: Sql,
  { timeZone }: TimeRange,
  ranges: readonly Range[],
): Promise<readonly Interval[]> {
  if (ranges.length === 0) return [];
  const points = ranges.flatMap(({ from, to }) => [from, to]);
  const rows = await sql.unsafe<{ literal: string }[]>(literalsSql, [timeZone, JSON.stringify(points)]);
  return ranges.map((_, i) => ({ from: rows[2 * i]!.literal, to: rows[2 * i + 1]!.literal }));
}

/** SQL for whether a time lies in one of the intervals. */
export function isIn(column: string, intervals: readonly Interval[]): string {
  if (intervals.length === 0) return 'false';
  return intervals.map(({ from, to }) => `${column} >= ${from} and ${column} < ${to}`).join(' or ');
}

/**
 * The query of a model for an interval: rows of other times are left out, whatever the select returns, and so are rows without a time.
 * @param top what it is built on top of; undefined: nothing
 * @throws MedallionError MDL4012 where the select has no such column, one that is no time, or one that does not tell hours apart; MDL4001
 */
export async function timeQuery(
  sql: Sql,
  model: Model,
  compiler: Compiler,
  interval: Interval,
  top?: Relation,
): Promise<CompiledQuery> {
  const range = model.incremental as TimeRange;
  const { timeColumn } = range;
  const query = compiler.model(model.name, { top, interval });
  const declared = model.contract.columns?.find(({ name }) => name === timeColumn)?.type;
  if (declared === undefined) await requireTime(sql, model, query, range);
  const column = `q.${quoteIdentifier(timeColumn)}${declared === undefined ? '' : `::${declared}`}`;
  const before = 'select * from (\n';
  return {
    ...query,
    sql: `${before}${query.sql}\n) as q where ${isIn(column, [interval])}`,
    locate: (offset) =>
      offset < before.length || offset >= before.length + query.sql.length
        ? undefined
        : query.locate(offset - before.length),
  };
}

async function requireTime(
  sql: Sql,
  model: Model,
  query: CompiledQuery,
  { timeColumn, grain, timeZone }: TimeRange,
): Promise<void> {
  const select = selectSql(query);
  const { columns } = await located(model, select, 'MDL4001', () => sql.unsafe(select.text).describe());
  const column = columns.find(({ name }) => name === timeColumn);
  const wrong = (message: string, hint: string | undefined) =>
    new MedallionError('MDL4012', {
      message: `${model.name}: ${message}`,
      where: model.incremental!.where,
      hint,
    });
  if (!column)
    throw wrong(
      `the select has no column "${timeColumn}", the time_column.`,
      didYouMean(
        timeColumn,
        columns.map(({ name }) => name),
      ),
    );
  if (!timeTypes.has(column.type))
    throw wrong(
      `"${timeColumn}", the time_column, is no date, timestamp or timestamptz.`,
      'Cast it in the select, or give it a type in columns: of the front matter.',
    );
  if (grain === 'hour' && column.type !== timestamptz && !isUtc(timeZone))
    throw wrong(
      `"${timeColumn}", the time_column, has no time zone: where the clocks of ${timeZone} go back, nobody could tell an hour from the next.`,
      hourHint,
    );
}
