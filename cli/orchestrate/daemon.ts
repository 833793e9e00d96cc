import { openDatabase } from '../build/open-database.js';
import { openProject } from '../build/open-project.js';
import type { Options } from '../config/options.js';
import { migrate } from '../database/migrations/index.js';
import { MedallionError } from '../errors/index.js';
import { realClock } from './clock.js';
import type { DaemonOptions, LoopOptions } from './options.js';
import { ScheduleLoop } from './schedule-loop.js';
import { TriggerLoop } from './trigger-loop.js';

const troubleMs = 15_000;

/**
 * Carries out the schedules and triggers of a project until it is told to end. Several daemons may do that at once: each occurrence, and each firing, is
 * run by one of them.
 * @throws MedallionError MDL1001 to MDL1006, MDL1008 (nothing to do), MDL5102 (a trigger cannot listen), MDL20xx at the start; later the database may come and go
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { options: project } = await openProject(options.project);
  requireSchedules(project);
  const { name, projectDir, schedules, triggers } = project;
  const database = await openDatabase(project);
  try {
    const { isPooled } = database;
    requireListening(project, isPooled);
    const sql = database.connect({ max: 3, applicationName: daemonName, renew: true });
    await migrate(sql);
    const loop: LoopOptions = { clock: realClock, random: Math.random, troubleMs, ...options };
    const context = { sql, project: name, projectDir, isPooled };
    await Promise.all([
      ...schedules.map((schedule) => new ScheduleLoop(sql, name, schedule, loop).run()),
      ...triggers.map((trigger) => new TriggerLoop(context, trigger, loop).run()),
    ]);
  } finally {
    await database.close();
  }
}

/** How its connections are called. */
const daemonName = 'mdl schedule';

/** @throws MedallionError MDL1008 where there is neither a schedule nor a trigger */
export function requireSchedules({ schedules, triggers, configFile }: Options): void {
  if (schedules.length > 0 || triggers.length > 0) return;
  throw new MedallionError('MDL1008', { message: `${configFile} has no schedule and no trigger.` });
}

function requireListening({ triggers }: Options, isPooled: boolean): void {
  const listening = triggers.find(({ kind }) => kind === 'listen');
  if (!listening || !isPooled) return;
  throw new MedallionError('MDL5102', {
    message: `triggers.${listening.name} cannot listen to the channel ${listening.watches} through a transaction pooler.`,
  });
}
