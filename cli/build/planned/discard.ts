import type { Options } from '../../config/options.js';
import { migrate } from '../../database/migrations/index.js';
import type { Emit } from '../../events/events.js';
import { openDatabase } from '../open-database.js';
import { takeRunLock } from '../run-lock.js';
import { dropStage } from '../stage.js';
import { endOpenPlan } from './end-plan.js';
import { noOpenPlan } from './with-plans.js';

/**
 * Drops the open plan and its stage. A run that is going on is not disturbed.
 * @returns the run that made it
 * @throws MedallionError MDL4321 (there is none), MDL5001 (a run is going on)
 */
export async function discardOpenPlan(options: Options, emit: Emit): Promise<number> {
  const database = await openDatabase(options);
  try {
    const lock = await takeRunLock(
      database.connect({ max: 1, applicationName: `mdl-lock:${options.name}` }),
      {
        ...{ project: options.name, isPooled: database.isPooled, noWait: true, emit },
        signal: new AbortController().signal,
      },
    );
    const sql = database.connect({ max: 1, applicationName: 'mdl' });
    await migrate(sql);
    const runId = await endOpenPlan(sql, options.name, 'discarded', 'mdl plan --discard');
    if (runId === undefined) throw await noOpenPlan(sql, options.name);
    await dropStage(sql, options.name, emit);
    await lock.release();
    return runId;
  } finally {
    await database.close();
  }
}
