import type { ProjectDatabase } from './open-database.js';

/** Cancels on the server what connections of this name are doing; the driver alone would wait for it. */
export async function cancelStatements(database: ProjectDatabase, applicationName: string): Promise<void> {
  const canceller = database.connect({ max: 1, applicationName: 'mdl' });
  await canceller`
    select pg_cancel_backend(pid) from pg_stat_activity
     where application_name = ${applicationName} and usename = current_user and state = 'active'`;
}
