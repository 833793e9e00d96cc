import { didYouMean, MedallionError } from '../errors/index.js';
import type { FrontMatter } from './front-matter.js';
import type { IncrementalSettings } from './incremental-schema.js';
import type { Contract, Incremental, IncrementalRows, Model, TimeRange } from './model.js';
import { startOf } from './moment.js';
import { isTimeZone, timeZoneHint } from './time-zone.js';

interface Settings {
  readonly materialized?: string | undefined;
  readonly incremental?: IncrementalSettings | undefined;
}

type Wrong = (path: readonly PropertyKey[], message: string, hint?: string) => MedallionError;

const ofKeys = ['key'] as const;
const ofTime = ['time_column', 'grain', 'begin', 'time_zone', 'lookback', 'allow_partials'] as const;

/**
 * `incremental` of a model's front matter.
 * @returns null for a model of another kind
 * @throws MedallionError MDL1215 where a setting stands that does not fit
 */
export function parseIncremental(
  { value, whereIs }: FrontMatter<Settings>,
  { name, materialized, contract }: Pick<Model, 'name' | 'materialized' | 'contract'>,
): Incremental | null {
  const settings = value.incremental;
  const wrong: Wrong = (path, message, hint) =>
    new MedallionError('MDL1215', { message, where: whereIs(path), hint });
  if (materialized !== 'incremental') {
    if (settings)
      throw wrong(
        ['incremental'],
        `incremental: ${name} is of kind ${materialized}.`,
        'Make it incremental: materialized: incremental.',
      );
    return null;
  }
  if (!settings)
    throw wrong(
      ['materialized'],
      `materialized: ${name} is incremental, and does not say how.`,
      'Add for example incremental: { strategy: merge }.',
    );
  const rows = parseRows(settings, name, contract, wrong);
  return {
    ...rows,
    onSchemaChange: settings.on_schema_change,
    onSqlChange: settings.on_sql_change,
    where: whereIs(['incremental']),
  };
}

function parseRows(
  settings: IncrementalSettings,
  name: string,
  contract: Contract,
  wrong: Wrong,
): IncrementalRows {
  const { strategy } = settings;
  const refuse = (keys: readonly (keyof IncrementalSettings)[], hint?: string) => {
    const extra = keys.find((key) => settings[key] !== undefined);
    if (extra)
      throw wrong(
        ['incremental', extra],
        `incremental.${extra}: strategy ${strategy} has no use for it.`,
        hint,
      );
  };
  if (strategy === 'time_range') {
    refuse(ofKeys, 'Rows are replaced by their time; primary_key says what identifies one of them.');
    return parseTimeRange(settings, name, contract, wrong);
  }
  refuse(ofTime, 'It belongs to strategy: time_range.');
  if (strategy === 'append') {
    refuse(ofKeys, 'Rows are recognised by their key with strategy: merge.');
    return { strategy };
  }
  const key = settings.key ?? (strategy === 'merge' ? contract.primaryKey : []);
  if (key.length === 0)
    throw wrong(
      ['incremental'],
      `incremental: strategy ${strategy} needs a key, and ${name} has none.`,
      strategy === 'merge'
        ? 'Declare what identifies a row: primary_key: id.'
        : 'Say which rows are replaced together: key: [store, day].',
    );
  for (const column of key) requireColumn(['incremental', 'key'], column, name, contract, wrong);
  const twice = key.find((column, i) => key.indexOf(column) !== i);
  if (twice !== undefined)
    throw wrong(['incremental', 'key'], `incremental.key: "${twice}" stands there twice.`);
  if (strategy === 'merge' && !isUnique(key, contract))
    throw wrong(
      ['incremental', 'key'],
      `incremental.key: (${key.join(', ')}) is no key of ${name}: several rows could be meant by one.`,
      `Declare it: ${contract.primaryKey.length === 0 ? `primary_key: [${key.join(', ')}]` : `unique: [[${key.join(', ')}]]`}. Or replace all rows of a key together: strategy: delete+insert.`,
    );
  return { strategy, key };
}

function parseTimeRange(
  settings: IncrementalSettings,
  name: string,
  contract: Contract,
  wrong: Wrong,
): TimeRange {
  const { time_column: timeColumn, grain, begin, time_zone: timeZone = 'UTC' } = settings;
  const lacks = (what: string, hint: string) =>
    wrong(['incremental'], `incremental: strategy time_range needs ${what}.`, hint);
  if (timeColumn === undefined)
    throw lacks('time_column', 'Name the column that says when a row is from: time_column: data_pedido.');
  if (grain === undefined) throw lacks('grain', 'Say how long an interval is: grain: day.');
  if (begin === undefined) throw lacks('begin', "Say when the first interval begins: begin: '2023-01-01'.");
  if (startOf(begin) === undefined)
    throw wrong(
      ['incremental', 'begin'],
      `incremental.begin: "${begin}" is no point in time.`,
      "Write it like '2023-01-01' or '2023-01-01 06:00'; it is a time in time_zone.",
    );
  if (!isTimeZone(timeZone))
    throw wrong(
      ['incremental', 'time_zone'],
      `incremental.time_zone: there is no time zone "${timeZone}".`,
      timeZoneHint,
    );
  const column = requireColumn(['incremental', 'time_column'], timeColumn, name, contract, wrong);
  const type = column?.type
    ?.toLowerCase()
    .replace(/\s*\(\d+\)/, '')
    .trim();
  if (type !== undefined && !timeTypes.has(type))
    throw wrong(
      ['incremental', 'time_column'],
      `incremental.time_column: "${timeColumn}" is of type ${column!.type}; it has to be date, timestamp or timestamptz.`,
    );
  if (type === 'date' && grain === 'hour')
    throw wrong(
      ['incremental', 'grain'],
      `incremental.grain: "${timeColumn}" is a date, which has no hours.`,
    );
  if (type !== undefined && !/tz$|with time zone$/.test(type) && grain === 'hour' && !isUtc(timeZone))
    throw wrong(
      ['incremental', 'grain'],
      `incremental.grain: "${timeColumn}" is of type ${column!.type}: where the clocks of ${timeZone} go back, nobody could tell an hour from the next.`,
      hourHint,
    );
  const { lookback = 1, allow_partials: allowPartials = false } = settings;
  return { strategy: 'time_range', timeColumn, grain, begin, timeZone, lookback, allowPartials };
}

/** What to do where hours are to be cut by a column that does not say in which zone its times are. */
export const hourHint = 'Make it a timestamptz, cut days, or keep the times in UTC: time_zone: UTC.';

/** Its clocks are never changed. */
export function isUtc(timeZone: string): boolean {
  return /^(Etc\/)?UTC$/i.test(timeZone);
}

const timeTypes = new Set([
  ...['date', 'timestamp', 'timestamp without time zone', 'timestamptz', 'timestamp with time zone'],
]);

function requireColumn(
  path: readonly PropertyKey[],
  column: string,
  name: string,
  { columns }: Contract,
  wrong: Wrong,
) {
  const found = columns?.find((known) => known.name === column);
  if (columns && !found)
    throw wrong(
      path,
      `${path.join('.')}: ${name} has no column "${column}".`,
      didYouMean(
        column,
        columns.map((known) => known.name),
      ),
    );
  return found;
}

/** Whether Postgres will keep it unique. */
function isUnique(key: readonly string[], contract: Contract): boolean {
  const keys = [
    contract.primaryKey,
    ...contract.uniques,
    ...(contract.columns ?? []).filter(({ unique }) => unique).map(({ name }) => [name]),
  ];
  const wanted = sorted(key);
  return keys.some((columns) => sorted(columns) === wanted);
}

function sorted(names: readonly string[]): string {
  return JSON.stringify([...names].sort());
}
