import { addDays, toDate, toDay } from '../../parts/days.ts';

/** Days without a time or a zone: `2025-12-31`. */
export interface DayRange {
  /** Null: from the beginning. */
  readonly from: string | null;
  /** The last day that counts; null: to the end. */
  readonly to: string | null;
}

export const presets = ['30 days', '90 days', '6 months', '12 months', '24 months'] as const;

/** The days of `12 months` up to a last day; whole months begin on their first day. */
export function rangeOf(span: string, lastDay: string): DayRange {
  const [count, unit] = [Number.parseInt(span, 10), span.split(' ')[1]!.replace(/s$/, '')];
  const day = toDate(lastDay);
  if (unit === 'day' || unit === 'week')
    return { from: addDays(lastDay, 1 - count * (unit === 'week' ? 7 : 1)), to: lastDay };
  const months = unit === 'year' ? count * 12 : count;
  const from = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - months + 1, 1));
  return { from: toDay(from), to: lastDay };
}

/** The days before a range, as many as it has; whole months before whole months. Undefined without a beginning. */
export function periodBefore(
  { from, to }: DayRange,
  lastDay: string,
): { from: string; to: string } | undefined {
  if (from === null) return undefined;
  const end = to ?? lastDay;
  const isWholeMonths = from.endsWith('-01') && addDays(end, 1).endsWith('-01');
  if (isWholeMonths) {
    const [a, b] = [toDate(from), toDate(addDays(end, 1))];
    const months = (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
    return {
      from: toDay(new Date(Date.UTC(a.getUTCFullYear(), a.getUTCMonth() - months, 1))),
      to: addDays(from, -1),
    };
  }
  const days = Math.round((toDate(end).getTime() - toDate(from).getTime()) / 86_400_000) + 1;
  return { from: addDays(from, -days), to: addDays(from, -1) };
}
