import { toMedallionError } from '../build/errors.js';
import type { ScheduleOptions } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import { type Busy, decideDue, nextOccurrence } from './due.js';
import type { ScheduleEvent } from './events.js';
import { claim, finish, readHandled, recordRun, settle, settleCrashed } from './occurrences.js';
import type { LoopOptions } from './options.js';
import { carryOut } from './unattended.js';

/** One schedule, from one occurrence to the next. */
export class ScheduleLoop {
  private busy: Busy = { since: Number.NEGATIVE_INFINITY, until: Number.NEGATIVE_INFINITY };

  constructor(
    private readonly sql: Sql,
    private readonly project: string,
    private readonly schedule: ScheduleOptions,
    private readonly options: LoopOptions,
  ) {}

  async run(): Promise<void> {
    const { signal, clock, troubleMs } = this.options;
    let handled: number | undefined;
    while (!signal.aborted) {
      try {
        handled ??= await this.begin();
        handled = await this.turn(handled);
      } catch (cause) {
        if (signal.aborted) return;
        this.tell({ event: 'schedule.failed', schedule: this.schedule.name, error: toMedallionError(cause) });
        handled = undefined;
        await clock.sleepUntil(clock.now() + troubleMs, signal);
      }
    }
  }

  private tell(event: ScheduleEvent): void {
    this.options.emit(event);
  }

  /** Looks at what a daemon before left. @returns until when all is settled */
  private async begin(): Promise<number> {
    const { name, onCrash } = this.schedule;
    const handled = await readHandled(this.sql, this.project, name, this.options.clock.now());
    const crashed = await settleCrashed(this.sql, this.project, name);
    for (const { due } of crashed)
      this.tell({ event: 'schedule.skipped', schedule: name, due: iso(due), reason: 'crashed' });
    const last = crashed.at(-1);
    if (last && onCrash !== 'skip')
      await this.carryOut(last.due, onCrash === 'resume' ? (last.runId ?? undefined) : undefined);
    return Math.max(handled, last?.due ?? handled);
  }

  /** Waits for what is due next, and sees to it. */
  private async turn(handled: number): Promise<number> {
    const { schedule, options } = this;
    const { clock, signal } = options;
    const next = nextOccurrence(schedule, handled);
    const begins = (next ?? Number.POSITIVE_INFINITY) + options.random() * schedule.jitterMs;
    if (begins > clock.now()) {
      const at = next === undefined ? null : iso(next);
      this.tell({ event: 'schedule.waiting', schedule: schedule.name, next: at });
      await clock.sleepUntil(begins, signal);
      if (signal.aborted) return handled;
    }
    const now = clock.now();
    const { run, skipped } = decideDue(schedule, { handled, now, busy: this.busy });
    for (const { due, reason } of skipped)
      this.tell({ event: 'schedule.skipped', schedule: schedule.name, due: iso(due), reason });
    for (const due of run) {
      if (signal.aborted) return handled;
      if (await claim(this.sql, this.project, schedule.name, due)) await this.carryOut(due);
    }
    await settle(this.sql, this.project, schedule.name, now, skipped);
    return now;
  }

  /** @param resume the crashed run to take up */
  private async carryOut(due: number, resume?: number): Promise<void> {
    const { schedule, options } = this;
    const { name } = schedule;
    const { clock, signal } = options;
    this.tell({ event: 'schedule.begun', schedule: name, due: iso(due) });
    const since = clock.now();
    const over = new AbortController();
    const ended = await carryOut(
      schedule,
      `schedule ${name}`,
      {
        ...options,
        overtaken: this.untilNext(AbortSignal.any([signal, over.signal])),
        onRun: (runId) => void recordRun(this.sql, this.project, name, due, runId).catch(() => {}),
        onRetry: (attempt, at) =>
          this.tell({ event: 'schedule.retried', schedule: name, attempt, at: iso(at) }),
        onFailure: (error) => this.tell({ event: 'schedule.failed', schedule: name, error }),
      },
      resume,
    );
    over.abort();
    this.busy = { since, until: clock.now() };
    await finish(this.sql, this.project, { schedule: name, ...ended, due });
    this.tell({ event: 'schedule.finished', schedule: name, ...ended, due: iso(due) });
  }

  /** With `overlap: 'cancel'`: when the next occurrence comes due. */
  private untilNext(unless: AbortSignal): AbortSignal | undefined {
    const { schedule, options } = this;
    const next = nextOccurrence(schedule, options.clock.now());
    if (schedule.overlap !== 'cancel' || next === undefined) return undefined;
    const overtaken = new AbortController();
    void options.clock.sleepUntil(next, unless).then(() => unless.aborted || overtaken.abort());
    return overtaken.signal;
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
