import { isDay } from '../../parts/days.ts';

/** Whether a type tells of a moment in a day, and not of the day alone. */
export function isMoment(type: string): boolean {
  return type.startsWith('timestamp');
}

const hasZone = (type: string) => type.includes('with time zone');

/** The beginning of a day: with a time zone that of the reader, as the page shows times. */
export function startOf(day: string, type: string): string {
  return hasZone(type) && isMoment(type) ? new Date(`${day}T00:00:00`).toISOString() : day;
}

/** The day that a value is the beginning of; undefined: of none. */
export function dayOf(value: string, type: string): string | undefined {
  if (!hasZone(type) || !isMoment(type)) return isDay(value) ? value : undefined;
  const at = new Date(value);
  if (Number.isNaN(at.getTime()) || isDay(value)) return undefined;
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return startOf(day, type) === at.toISOString() ? day : undefined;
}
