/** Parts of a second that a unit has. */
export const perSecond = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n } as const;
export type TimeUnit = keyof typeof perSecond;

const two = (value: number) => String(value).padStart(2, '0');

/** A day, counted from 1970-01-01, as Postgres prints it: also before Christ and after the year 9999. */
export function dateText(days: number): string {
  const { year, month, day } = civil(days);
  const shown = year > 0 ? year : 1 - year;
  return `${String(shown).padStart(4, '0')}-${two(month)}-${two(day)}${year > 0 ? '' : ' BC'}`;
}

/** A moment, counted from 1970-01-01 00:00:00, as Postgres prints it. @param zone what stands behind it, such as `+00` */
export function timestampText(count: bigint, unit: TimeUnit, zone = ''): string {
  const perDay = 86_400n * perSecond[unit];
  const days = floorDivide(count, perDay);
  const [date, era] = dateText(Number(days)).split(' ');
  return `${date} ${timeText(count - days * perDay, unit)}${zone}${era ? ` ${era}` : ''}`;
}

/** A time of day as Postgres prints it: without zeros at its end. */
export function timeText(count: bigint, unit: TimeUnit): string {
  const seconds = Number(count / perSecond[unit]);
  const fraction = String(count % perSecond[unit])
    .padStart(String(perSecond[unit]).length - 1, '0')
    .replace(/0+$/, '');
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === '' ? clock : `${clock}.${fraction}`;
}

function floorDivide(count: bigint, by: bigint): bigint {
  const quotient = count / by;
  return count % by < 0n ? quotient - 1n : quotient;
}

/** The Gregorian calendar by arithmetic (Hinnant, "chrono-compatible low-level date algorithms"): `Date` ends in the year 275760. */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}
