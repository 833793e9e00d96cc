import type { Language } from '../../app/language.ts';

/** How the axis of a time writes it: what begins there, a year, month, day or hour. @see https://vega.github.io/vega/docs/api/time/#timeFormat */
export function timeFormatOf(language: Language): Readonly<Record<string, string>> {
  const isPortuguese = language === 'pt-BR';
  const hours = isPortuguese ? '%H:%M' : '%-I %p';
  const minutes = isPortuguese ? '%H:%M' : '%-I:%M %p';
  const day = isPortuguese ? '%-d %b' : '%b %-d';
  return { year: '%Y', quarter: '%b', month: '%b', week: day, date: day, hours, minutes, seconds: ':%S' };
}

/** How d3 writes numbers and times in a language. @see https://d3js.org/d3-format#formatLocale */
export function localeOf(language: Language, currency: string | null) {
  const parts = new Intl.NumberFormat(language, {
    style: 'currency',
    currency: currency ?? 'USD',
  }).formatToParts(-1234567.5);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  const symbol = currency === null ? '' : part('currency');
  const isBefore =
    parts.findIndex(({ type }) => type === 'currency') < parts.findIndex(({ type }) => type === 'integer');
  const space = parts.some(({ type, value }) => type === 'literal' && value.trim() === '') ? '\u00a0' : '';
  const names = (options: Intl.DateTimeFormatOptions, dates: readonly Date[]) =>
    dates.map((date) => new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' }).format(date));
  const months = Array.from({ length: 12 }, (_, i) => new Date(Date.UTC(2023, i, 1)));
  // January 1st 2023 was a Sunday.
  const days = Array.from({ length: 7 }, (_, i) => new Date(Date.UTC(2023, 0, 1 + i)));
  const short = (texts: readonly string[]) => texts.map((text) => text.replace(/\.$/, ''));
  const isPortuguese = language === 'pt-BR';
  return {
    number: {
      decimal: part('decimal'),
      thousands: part('group'),
      grouping: [3],
      currency: isBefore ? [symbol + (symbol && space), ''] : ['', (symbol && space) + symbol],
    },
    time: {
      dateTime: isPortuguese ? '%A, %e de %B de %Y %X' : '%x, %X',
      date: isPortuguese ? '%d/%m/%Y' : '%-m/%-d/%Y',
      time: isPortuguese ? '%H:%M:%S' : '%-I:%M:%S %p',
      periods: ['AM', 'PM'],
      days: names({ weekday: 'long' }, days),
      shortDays: short(names({ weekday: 'short' }, days)),
      months: names({ month: 'long' }, months),
      shortMonths: short(names({ month: 'short' }, months)),
    },
  };
}
