import { build, type RunOutcome } from '../build/build.js';
import { toMedallionError } from '../build/errors.js';
import { openDatabase } from '../build/open-database.js';
import { type OpenProjectOptions, openProject } from '../build/open-project.js';
import type { Options, ScheduleOptions } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import { migrate } from '../database/migrations/index.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import { type Clock, realClock } from './clock.js';
import { decideDue, nextOccurrence } from './due.js';
import { claim, finish, type OccurrenceStatus, readHandled, settle, settleCrashed } from './occurrences.js';

/** What the daemon tells. Times are ISO 8601. */
export type ScheduleEvent =
  | {
      readonly event: 'schedule.waiting';
      readonly schedule: string;
      /** Null: never again. */
      readonly next: string | null;
    }
  | { readonly event: 'schedule.begun'; readonly schedule: string; readonly due: string }
  | {
      readonly event: 'schedule.skipped';
      readonly schedule: string;
      readonly due: string;
      readonly reason: 'overlap' | 'missed' | 'crashed';
    }
  | {
      readonly event: 'schedule.retried';
      readonly schedule: string;
      readonly attempt: number;
      readonly at: string;
    }
  | {
      readonly event: 'schedule.finished';
      readonly schedule: string;
      readonly due: string;
      readonly status: OccurrenceStatus;
      readonly attempts: number;
      readonly runId: number | null;
    }
  | { readonly event: 'schedule.failed'; readonly schedule: string; readonly error: MedallionError };

export interface DaemonOptions {
  readonly project: OpenProjectOptions;
  readonly emit: (event: ScheduleEvent) => void;
  /** Events of the runs themselves. */
  readonly emitRun?: Emit;
  /** Ends it: a run that is going on is interrupted. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Between 0 and 1, for jitter. */
  readonly random?: () => number;
}

/** How long it waits when the database cannot be asked. */
const troubleMs = 15_000;

/**
 * Runs the schedules of a project until it is told to end. Several daemons may do that at once: each occurrence is run by one of them.
 * @throws MedallionError MDL1001 to MDL1006, MDL1008 (no schedule), MDL20xx at the start; later the database may come and go
 */
export async function runSchedules(options: DaemonOptions): Promise<void> {
  const { options: project } = await openProject(options.project);
  const schedules = requireSchedules(project);
  const database = await openDatabase(project);
  try {
    const sql = database.connect({ max: 2, applicationName: 'mdl schedule' });
    await migrate(sql);
    await Promise.all(
      schedules.map((schedule) => new ScheduleLoop(sql, project.name, schedule, options).run()),
    );
  } finally {
    await database.close();
  }
}

/** @throws MedallionError MDL1008 where there is none */
export function requireSchedules({ schedules, configFile }: Options): readonly ScheduleOptions[] {
  if (schedules.length > 0) return schedules;
  throw new MedallionError('MDL1008', { message: `${configFile} has no schedule.` });
}

/** One schedule, from one occurrence to the next. */
class ScheduleLoop {
  private readonly clock: Clock;
  private busyUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly sql: Sql,
    private readonly project: string,
    private readonly schedule: ScheduleOptions,
    private readonly options: DaemonOptions,
  ) {
    this.clock = options.clock ?? realClock;
  }

  async run(): Promise<void> {
    const { signal } = this.options;
    let handled: number | undefined;
    while (!signal.aborted) {
      try {
        handled ??= await this.begin();
        handled = await this.turn(handled);
      } catch (cause) {
        if (signal.aborted) return;
        this.options.emit({
          event: 'schedule.failed',
          schedule: this.schedule.name,
          error: toMedallionError(cause),
        });
        handled = undefined;
        await this.clock.sleepUntil(this.clock.now() + troubleMs, signal);
      }
    }
  }

  /** Looks at what a daemon before left. @returns until when all is settled */
  private async begin(): Promise<number> {
    const { name, onCrash } = this.schedule;
    const handled = await readHandled(this.sql, this.project, name, this.clock.now());
    const crashed = await settleCrashed(this.sql, this.project, name);
    for (const due of crashed)
      this.options.emit({ event: 'schedule.skipped', schedule: name, due: iso(due), reason: 'crashed' });
    const last = crashed.at(-1);
    if (last !== undefined && onCrash === 'rerun') await this.carryOut(last);
    return Math.max(handled, last ?? handled);
  }

  /** Waits for what is due next, and sees to it. */
  private async turn(handled: number): Promise<number> {
    const { schedule, clock, options } = this;
    const next = nextOccurrence(schedule, handled);
    const begins = (next ?? Number.POSITIVE_INFINITY) + (options.random ?? Math.random)() * schedule.jitterMs;
    if (begins > clock.now()) {
      options.emit({
        event: 'schedule.waiting',
        schedule: schedule.name,
        next: next === undefined ? null : iso(next),
      });
      await clock.sleepUntil(begins, options.signal);
      if (options.signal.aborted) return handled;
    }
    const now = clock.now();
    const { run, skipped } = decideDue(schedule, { handled, now, busyUntil: this.busyUntil });
    for (const { due, reason } of skipped)
      options.emit({ event: 'schedule.skipped', schedule: schedule.name, due: iso(due), reason });
    for (const due of run) {
      if (options.signal.aborted) return handled;
      if (await claim(this.sql, this.project, schedule.name, due)) await this.carryOut(due);
    }
    await settle(this.sql, this.project, schedule.name, now, skipped);
    return now;
  }

  private async carryOut(due: number): Promise<void> {
    const { schedule, clock, options } = this;
    options.emit({ event: 'schedule.begun', schedule: schedule.name, due: iso(due) });
    let attempts = 0;
    let attempt: { status: OccurrenceStatus; runId: number | null };
    for (;;) {
      attempts++;
      attempt = await this.attempt();
      if (!['failed', 'timed out'].includes(attempt.status) || attempts > schedule.retries) break;
      const again = clock.now() + schedule.retryDelayMs * 2 ** (attempts - 1);
      options.emit({
        event: 'schedule.retried',
        schedule: schedule.name,
        attempt: attempts + 1,
        at: iso(again),
      });
      await clock.sleepUntil(again, options.signal);
      if (options.signal.aborted) break;
    }
    this.busyUntil = clock.now();
    const ended = { schedule: schedule.name, ...attempt, attempts };
    await finish(this.sql, this.project, { ...ended, due });
    options.emit({ event: 'schedule.finished', ...ended, due: iso(due) });
  }

  /** One run. The project is read anew: what changed in it since counts. */
  private async attempt(): Promise<{ status: OccurrenceStatus; runId: number | null }> {
    const { schedule, clock, options } = this;
    const over = new AbortController();
    const late = new AbortController();
    if (schedule.timeoutMs !== undefined)
      clock
        .sleepUntil(clock.now() + schedule.timeoutMs, AbortSignal.any([over.signal, options.signal]))
        .then(() => over.signal.aborted || late.abort());
    try {
      const outcome: RunOutcome = await build(await openProject(options.project), {
        command: schedule.command,
        phases: { load: schedule.command !== 'run', models: schedule.command !== 'load' },
        select: schedule.select,
        exclude: schedule.exclude,
        signal: AbortSignal.any([options.signal, late.signal]),
        ...(options.emitRun && { emit: options.emitRun }),
      });
      const timedOut = late.signal.aborted && !options.signal.aborted && outcome.status !== 'succeeded';
      return { status: timedOut ? 'timed out' : outcome.status, runId: outcome.runId };
    } catch (cause) {
      // Models that do not compile, say: the run could not begin.
      options.emit({ event: 'schedule.failed', schedule: schedule.name, error: toMedallionError(cause) });
      return { status: 'failed', runId: null };
    } finally {
      over.abort();
    }
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
