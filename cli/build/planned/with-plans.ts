import type { Options } from '../../config/options.js';
import type { Sql } from '../../database/connect.js';
import { migrate } from '../../database/migrations/index.js';
import { MedallionError } from '../../errors/index.js';
import { openDatabase } from '../open-database.js';
import { readEndedPlan } from './stored-plan.js';

/** For who looks at plans without a run. @throws MedallionError MDL20xx */
export async function withPlans<Result>(
  options: Options,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(options);
  try {
    const sql = database.connect({ max: 1, applicationName: 'mdl' });
    await migrate(sql);
    return await work(sql);
  } finally {
    await database.close();
  }
}

/** The error that says so, and what became of the latest plan. */
export async function noOpenPlan(sql: Sql, project: string): Promise<MedallionError> {
  const ended = await readEndedPlan(sql, project);
  const story = ended
    ? `; that of run ${ended.runId} is ${ended.status}${ended.endedBy ? ` (${ended.endedBy})` : ''}`
    : '';
  return new MedallionError('MDL4321', { message: `There is no open plan of ${project}${story}.` });
}
