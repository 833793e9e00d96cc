import { inLanguage, type Language } from '../../app/language.ts';
import { d3Format } from '../../app/number-format.ts';
import { timeFormatOf } from './locale.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is known of a chart's columns. */
export interface Fields {
  readonly language: Language;
  /** A field whose type is not said gets the one that suits what it holds. */
  readonly kinds: Readonly<Record<string, string>>;
  /** What an axis, legend or tooltip says of a field. */
  readonly titleOf: (field: string | undefined, aggregate: string | undefined) => string;
}

/** A chart as Vega-Lite takes it: texts in the language, formats that have names, types and titles of fields that say none. */
export function prepare(view: Json, fields: Fields): Json {
  const { encoding, layer, ...rest } = view;
  return {
    ...(translate(rest) as Json),
    ...(encoding !== undefined && { encoding: prepareEncoding(encoding as Json, fields) }),
    ...(Array.isArray(layer) && { layer: layer.map((one: Json) => prepare(one, fields)) }),
  };
}

function prepareEncoding(encoding: Json, fields: Fields): Json {
  return Object.fromEntries(
    Object.entries(encoding).map(([channel, definition]) => [
      channel,
      Array.isArray(definition)
        ? definition.map((one) => prepareDefinition(one, channel, fields))
        : prepareDefinition(definition, channel, fields),
    ]),
  );
}

const positions = ['x', 'y', 'x2', 'y2', 'theta', 'radius'];
/** Channels whose definition Vega-Lite takes no title from. */
const untitled = ['x2', 'y2', 'theta2', 'radius2', 'xOffset', 'yOffset', 'detail', 'key', 'order', 'text'];

function prepareDefinition(given: unknown, channel: string, fields: Fields): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const { condition, format, ...rest } = translate(given) as Record<string, unknown>;
  const own = {
    ...rest,
    ...(condition !== undefined && { condition: prepareCondition(condition, channel, fields) }),
  } as Record<string, unknown>;
  const field = typeof own.field === 'string' ? own.field : undefined;
  if (field === undefined && own.aggregate === undefined) return own;
  const type = own.type ?? typeOf(own, fields);
  const aggregate = typeof own.aggregate === 'string' ? own.aggregate : undefined;
  const typed = {
    ...(!untitled.includes(channel) && { title: fields.titleOf(field, aggregate) }),
    ...own,
    ...(type !== undefined && { type }),
  };
  return withFormat(typed, format, channel, fields);
}

function prepareCondition(condition: unknown, channel: string, fields: Fields): unknown {
  if (Array.isArray(condition)) return condition.map((one) => prepareCondition(one, channel, fields));
  const own = condition as Json;
  const type = own.type ?? ('field' in own || 'aggregate' in own ? typeOf(own, fields) : undefined);
  return { ...own, ...(type !== undefined && { type }) };
}

/** The type that suits a column; undefined: Vega-Lite decides. */
function typeOf({ field, aggregate, bin, timeUnit }: Json, { kinds }: Fields): string | undefined {
  if (timeUnit !== undefined || bin !== undefined) return undefined;
  const kind = kinds[String(field)];
  const isOwnValue =
    aggregate === undefined || typeof aggregate === 'object' || /^(min|max)$/.test(aggregate as string);
  if (!isOwnValue) return 'quantitative';
  if (kind === undefined) return undefined;
  return kind === 'number' ? 'quantitative' : kind === 'time' ? 'temporal' : 'nominal';
}

/** One `format` for axis or legend and tooltip: what stands at an axis is short, the tooltip tells all of it. */
function withFormat(typed: Json, given: unknown, channel: string, { language }: Fields): Json {
  const { type, timeUnit } = typed;
  if (channel === 'text' || channel === 'tooltip')
    return typeof given === 'string' ? { ...typed, format: d3Format(given) } : typed;
  const guide = positions.includes(channel) ? 'axis' : 'legend';
  const own = typed[guide] as Json | null | undefined;
  if (own === null) return typed;
  const scale = typed.scale as Json | null | undefined;
  const isTime = type === 'temporal' && timeUnit === undefined;
  const made =
    type === 'quantitative' && timeUnit === undefined && (given === undefined || isNamed(given))
      ? {
          ...(given !== undefined && { format: d3Format(String(given)) }),
          ...(own?.format === undefined &&
            scale !== null &&
            typed.stack !== 'normalize' && { labelExpr: `shortNumber(datum.value, '${given ?? 'number'}')` }),
        }
      : given !== undefined
        ? { format: d3Format(String(given)) }
        : isTime && guide === 'axis'
          ? { format: timeFormatOf(language) }
          : {};
  return Object.keys(made).length > 0 ? { ...typed, [guide]: { ...made, ...own } } : typed;
}

const isNamed = (format: unknown) => /^(number|integer|percent|currency)$/.test(String(format));

/** Titles in the language, wherever they stand. */
function translate(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => translate(one));
  if (typeof value !== 'object' || value === null) return value;
  if (key === 'title' && !('text' in value)) return inLanguage(value as Record<string, string>);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, translate(inner, name)]));
}
