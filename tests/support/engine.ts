import { build, type Event, openProject, type RunOptions } from '../../dist/index.js';
import type { TestProject } from './project.ts';

/**
 * Builds without a process of its own. `how`: in which way each model was published in the end, with the rows that were inserted, updated and deleted; empty
 * when nothing was published.
 */
export async function engineBuild(project: TestProject, options: RunOptions = {}) {
  process.env.DATABASE_URL = project.url;
  const events: Event[] = [];
  const outcome = await build(await openProject({ dir: project.dir }), {
    ...options,
    emit: (event) => events.push(event),
  });
  const how: Record<string, string> = {};
  const why: Record<string, string> = {};
  for (const event of events)
    if (event.event === 'publish.finished')
      for (const one of event.how) {
        how[one.node] = [one.how, one.inserted, one.updated, one.deleted]
          .filter((part) => part !== undefined)
          .join(' ');
        why[one.node] = one.why;
      }
  const finished = events.filter((event) => event.event === 'model.finished');
  return {
    ...{ events, how, why, status: outcome.status, error: outcome.error },
    errors: finished.flatMap(({ error }) => (error ? [error] : [])),
    failed: finished.flatMap(({ node, status }) => (status === 'failed' ? [node] : [])),
    notices: events.flatMap((event) => (event.event === 'notice' ? [event.message] : [])),
  };
}
