import type { PostgresType } from 'postgres';

const asText = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));

/**
 * How the driver reads what Postgres sends, so that values are what `database.ts` says; whatever is not here is as the driver has it.
 * int8 and numeric stay texts, since numbers would lose digits; a date is a day and no moment; a timestamp without a zone is read as UTC.
 */
export const driverValues: Readonly<Record<string, PostgresType>> = {
  day: {
    to: 1082,
    from: [1082],
    parse: (text: string) => text,
    serialize: (value: unknown) => asText(value).replace(/T.*/, ''),
  },
  moment: { to: 1184, from: [1114, 1184], parse: readMoment, serialize: asText },
};

/** `2024-05-01 12:00:00.123456-03`, `0044-03-15 12:00:00 BC`; infinity is no date that JavaScript knows. */
function readMoment(text: string): Date {
  const match =
    /^(\d{4,6})-(\d\d-\d\d) ([\d:]{8}(?:\.\d+)?)(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?( BC)?$/.exec(text);
  if (!match) return new Date(Number.NaN);
  const [, digits, day, time, sign, hours = 0, minutes = 0, seconds = 0, isBefore] = match;
  // The year 1 before Christ is 0.
  const year = isBefore ? 1 - Number(digits) : Number(digits);
  const written =
    year >= 0 && year <= 9999
      ? String(year).padStart(4, '0')
      : `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return new Date(Date.parse(`${written}-${day}T${time}Z`) - (sign === '-' ? -offset : offset) * 1000);
}
