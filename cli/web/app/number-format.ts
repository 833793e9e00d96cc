import { intlOptions } from './d3-format.ts';
import { formatNumber } from './format.ts';
import { language } from './language.ts';
import { project } from './project.ts';

/** d3-format's words for the formats that have names. @see https://d3js.org/d3-format */
const d3Formats: Readonly<Record<string, string>> = {
  integer: ',.0f',
  number: ',.2~f',
  percent: ',.1%',
  currency: '$,.2f',
};

/** A format of a chart as d3-format writes it. */
export function d3Format(format: string): string {
  return d3Formats[format] ?? format;
}

/** A number as a chart's `format` says, in the language of the interface. */
export function formatAs(value: unknown, format: string | undefined, compact = false): string {
  if (value === null || value === undefined) return '–';
  const number = Number(value);
  if (Number.isNaN(number)) return String(value);
  const notation =
    compact && Math.abs(number) >= 100_000
      ? ({ notation: 'compact', maximumFractionDigits: 1 } as const)
      : {};
  switch (format) {
    case 'currency':
      return formatNumber(
        number,
        project.value?.currency
          ? { style: 'currency', currency: project.value.currency, ...notation }
          : { minimumFractionDigits: 2, maximumFractionDigits: 2, ...notation },
      );
    case 'integer':
      return formatNumber(number, { maximumFractionDigits: 0, ...notation });
    case 'percent':
      return formatNumber(number, { style: 'percent', maximumFractionDigits: 1 });
    case undefined:
    case 'number':
      return formatNumber(number, { maximumFractionDigits: 2, ...notation });
    default:
      return formatNumber(number, intlOptions(format, project.value?.currency ?? null));
  }
}

/** A number at an axis or a legend, which is short: `R$ 2,5 mi`. */
export function formatShort(value: unknown, format: string): string {
  if (typeof value !== 'number') return String(value);
  if (!['currency', 'number', 'integer'].includes(format)) return formatAs(value, format);
  const { currency } = project.value ?? {};
  return formatNumber(value, {
    ...(format === 'currency' && currency && { style: 'currency', currency }),
    ...(Math.abs(value) >= 10_000 && { notation: 'compact' }),
    minimumFractionDigits: 0,
    maximumFractionDigits: 2,
  });
}

/** A value of a row for people: dates and numbers in the language, nothing for null. */
export function formatValue(value: unknown, kind: string, format?: string): string {
  if (value === null || value === undefined) return '';
  if (kind === 'number' || format) return formatAs(value, format);
  if (kind === 'boolean') return value ? '✓' : '✗';
  if (kind === 'time' && typeof value === 'string') {
    const hasTime = value.length > 10;
    const at = new Date(hasTime ? value : `${value}T00:00:00`);
    if (Number.isNaN(at.getTime())) return value;
    return new Intl.DateTimeFormat(language.value, {
      dateStyle: 'medium',
      ...(hasTime && { timeStyle: 'short' }),
    }).format(at);
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
