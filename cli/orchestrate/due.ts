import { Cron } from 'croner';
import type { ScheduleOptions } from '../config/options.js';

/** Occurrences of one look at the clock at most: somebody who was away for a year does not want to read of each minute. */
const maxOccurrences = 1000;

/** How much later than its time an occurrence may begin without counting as missed: waking up takes a moment. */
const graceMs = 60_000;

/** The next time after `after` (milliseconds since 1970); undefined when there is none any more. */
export function nextOccurrence({ cron, timezone }: ScheduleOptions, after: number): number | undefined {
  return new Cron(cron, { timezone, paused: true }).nextRun(new Date(after))?.getTime();
}

/** What becomes of occurrences that are due. */
export interface Due {
  /** In their order. */
  readonly run: readonly number[];
  /** Those that are not run: the schedule's own run was still going on, or nobody was there. */
  readonly skipped: readonly { readonly due: number; readonly reason: 'overlap' | 'missed' }[];
}

/**
 * Decides about the occurrences after `handled`, up to `now`.
 * @param busyUntil when the schedule's last run ended, as far as this process knows: what came due before is an overlap, and not downtime
 */
export function decideDue(
  schedule: ScheduleOptions,
  { handled, now, busyUntil }: { readonly handled: number; readonly now: number; readonly busyUntil: number },
): Due {
  const due: number[] = [];
  const cron = new Cron(schedule.cron, { timezone: schedule.timezone, paused: true });
  for (let next = cron.nextRun(new Date(handled)); next && next.getTime() <= now; next = cron.nextRun(next)) {
    due.push(next.getTime());
    if (due.length > maxOccurrences) due.shift();
  }
  const overlapping = due.filter((time) => time <= busyUntil);
  const others = due.slice(overlapping.length);
  const isLate = others.length > 1 || (others.length === 1 && others[0]! + schedule.jitterMs + graceMs < now);
  const policy = isLate ? schedule.catchUp : 'all';
  // One that waits for its turn is overtaken by a later one.
  const queued = schedule.overlap === 'queue' && others.length === 0 ? overlapping.slice(-1) : [];
  const run = [...queued, ...(policy === 'all' ? others : policy === 'last' ? others.slice(-1) : [])];
  return {
    run,
    skipped: due
      .filter((time) => !run.includes(time))
      .map((time) => ({ due: time, reason: overlapping.includes(time) ? 'overlap' : 'missed' })),
  };
}
