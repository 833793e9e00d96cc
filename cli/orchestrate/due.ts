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

/** The occurrences after `from`, up to `now`; of very many the latest. */
function latest({ cron: pattern, timezone }: ScheduleOptions, from: number, now: number): number[] {
  const cron = new Cron(pattern, { timezone, paused: true });
  const due: number[] = [];
  for (let next = cron.nextRun(new Date(from)); next && next.getTime() <= now; next = cron.nextRun(next)) {
    due.push(next.getTime());
    if (due.length <= maxOccurrences) continue;
    // To count through the minutes of a year takes minutes: only the later half is looked at, and of that the later one.
    due.length = 0;
    from += Math.floor((now - from) / 2);
    next = new Date(from);
  }
  return due;
}

/** What becomes of occurrences that are due. */
export interface Due {
  /** In their order. */
  readonly run: readonly number[];
  /** Those that are not run: the schedule's own run was still going on, or nobody was there. */
  readonly skipped: readonly { readonly due: number; readonly reason: 'overlap' | 'missed' }[];
}

/** When the schedule's last run went on, as far as this process knows: what came due in that time is an overlap, and not downtime. */
export interface Busy {
  readonly since: number;
  readonly until: number;
}

/** Decides about the occurrences after `handled`, up to `now`. */
export function decideDue(
  schedule: ScheduleOptions,
  { handled, now, busy }: { readonly handled: number; readonly now: number; readonly busy: Busy },
): Due {
  const due = latest(schedule, handled, now);
  const isOverlap = (time: number) => time > busy.since && time <= busy.until;
  const overlapping = due.filter(isOverlap);
  const others = due.filter((time) => !isOverlap(time));
  const isLate = others.length > 1 || (others.length === 1 && others[0]! + schedule.jitterMs + graceMs < now);
  const policy = isLate ? schedule.catchUp : 'all';
  // One that waits for its turn is overtaken by a later one; one that ended the run before it begins at once.
  const isOvertaken = others.some((time) => time > busy.until);
  const queued = schedule.overlap === 'skip' || isOvertaken ? [] : overlapping.slice(-1);
  const madeUp = policy === 'all' ? others : policy === 'last' && queued.length === 0 ? others.slice(-1) : [];
  const run = [...madeUp, ...queued];
  return {
    run,
    skipped: due
      .filter((time) => !run.includes(time))
      .map((time) => ({ due: time, reason: isOverlap(time) ? 'overlap' : 'missed' })),
  };
}
