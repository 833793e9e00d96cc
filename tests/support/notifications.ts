import { randomBytes } from 'node:crypto';
import type { TestProject } from './project.ts';
import { until } from './wait.ts';

/**
 * Listens on a channel of the project's database, on a connection of its own: a transaction pooler would not hand notifications out.
 * @returns asks what was told since it was last asked
 */
export async function notificationsOf(
  project: TestProject,
  channel: string,
): Promise<() => Promise<string[]>> {
  let told: string[] = [];
  await project.sql.listen(channel, (payload) => told.push(payload));
  return async () => {
    // Notifications arrive in the order of their commits: behind this one nothing earlier can come.
    const last = randomBytes(8).toString('hex');
    await project.sql.notify(channel, last);
    await until(() => told.includes(last));
    const seen = told.filter((payload) => payload !== last);
    told = [];
    return seen;
  };
}
