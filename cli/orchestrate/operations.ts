import { build, type RunOptions, type RunOutcome } from '../build/build.js';
import { type OpenProject, type OpenProjectOptions, openProject } from '../build/open-project.js';
import { retryRun } from '../build/retry.js';
import type { Options } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import { migrate, migrateIfMade } from '../database/migrations/index.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import type { Orchestration } from '../serve/ui/orchestration.js';
import type { SchedulesAnswer } from '../serve/ui/runs/shapes.js';
import { nextOccurrence } from './due.js';
import { fire, fireOnce, listTriggers } from './firings.js';
import { listOccurrences } from './occurrences.js';

export interface OperationsOptions {
  readonly project: OpenProjectOptions;
  readonly options: Options;
  /** Events of the runs. */
  readonly emitRun?: Emit;
}

/** Runs that an operator begins in the web app: carried out here, in the server's own process. */
export interface Operations extends Orchestration {
  /** Interrupts the runs that are under way and waits for their end. */
  close(): Promise<void>;
}

export function createOperations({ project, options, emitRun }: OperationsOptions): Operations {
  const ending = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let isMade = false;

  /** The project is read anew for each run; a second one is refused, and does not wait unseen. */
  const begin = async (
    carryOut: (
      opened: OpenProject,
      how: Pick<RunOptions, 'emit' | 'signal' | 'noWait'>,
    ) => Promise<RunOutcome>,
  ): Promise<number> => {
    const opened = await openProject(project);
    return new Promise((resolve, reject) => {
      const emit: Emit = (event) => {
        emitRun?.(event);
        if (event.event === 'run.started') resolve(event.runId);
      };
      const run = carryOut(opened, { emit, signal: ending.signal, noWait: true })
        .then(({ runId, error }) => {
          if (runId !== null) resolve(runId);
          else reject(error ?? new MedallionError('MDL5002', { message: 'Interrupted.' }));
        }, reject)
        .finally(() => underWay.delete(run));
      underWay.add(run);
    });
  };

  return {
    start: ({ command, ...selection }) =>
      begin((opened, how) =>
        build(opened, {
          ...selection,
          ...how,
          command,
          phases: { load: command !== 'run', models: command !== 'load' },
          cause: 'web',
        }),
      ),
    retry: (runId) => begin((opened, how) => retryRun(opened, runId, how)),
    async fire(sql, trigger, request) {
      // Nothing may have been built here yet.
      if (!isMade) await migrate(sql);
      isMade = true;
      await (request === undefined
        ? fire(sql, options.name, trigger)
        : fireOnce(sql, options.name, trigger, request));
    },
    schedules: (sql) => describeSchedules(sql, options),
    async close() {
      ending.abort();
      await Promise.allSettled(underWay);
    },
  };
}

async function describeSchedules(sql: Sql, { name, schedules, triggers }: Options): Promise<SchedulesAnswer> {
  const isMade = await migrateIfMade(sql);
  const occurrences = isMade ? await listOccurrences(sql, name, 10) : [];
  const fired = isMade ? await listTriggers(sql, name) : [];
  const [daemon] = await sql<{ there: boolean }[]>`
    select exists (
      select from pg_stat_activity where datname = current_database() and application_name = 'mdl schedule'
    ) as there`;
  const now = Date.now();
  return {
    isActive: daemon!.there,
    schedules: schedules.map((schedule) => {
      const next = nextOccurrence(schedule, now);
      return {
        name: schedule.name,
        cron: schedule.cron,
        timezone: schedule.timezone,
        command: schedule.command,
        select: schedule.select,
        next: next === undefined ? null : new Date(next).toISOString(),
        occurrences: occurrences
          .filter((one) => one.schedule === schedule.name)
          .map(({ due, status, attempts, runId }) => ({ due: due.toISOString(), status, attempts, runId })),
      };
    }),
    triggers: triggers.map(({ name, kind, watches }) => {
      const last = fired.find(({ trigger }) => trigger === name);
      return {
        ...{ name, kind, watches },
        firedAt: last?.firedAt?.toISOString() ?? null,
        runId: last?.runId ?? null,
      };
    }),
  };
}
