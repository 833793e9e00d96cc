import type { Options } from '../../config/options.js';
import type { Sql } from '../../database/connect.js';
import { ProjectReader, type ProjectState } from './project-state.js';
import type { ServerNumbers } from './server-metrics.js';

/** All metrics in Prometheus's text format, as they are now. */
export interface Scrape {
  readonly contentType: string;
  readonly text: string;
}

/**
 * What `GET /metrics` answers with. Nothing is made, nor imported, before somebody asks for it.
 * @param sql of the one who builds
 */
export function openMetrics(
  options: Pick<Options, 'name' | 'target' | 'schedules'>,
  sql: Sql,
  server: ServerNumbers,
): () => Promise<Scrape> {
  const reader = new ProjectReader(sql, options.name);
  let state: ProjectState | null | undefined;
  const make = async () => {
    const [{ Metrics }, { addServerMetrics }, { addProjectMetrics }] = await Promise.all([
      import('./prometheus.js'),
      import('./server-metrics.js'),
      import('./project-metrics.js'),
    ]);
    const metrics = new Metrics();
    addServerMetrics(metrics, server);
    addProjectMetrics(metrics, options, () => state);
    return metrics;
  };
  let made: ReturnType<typeof make> | undefined;
  return async () => {
    made ??= make();
    const metrics = await made;
    state = await reader.read();
    return { contentType: metrics.contentType, text: await metrics.text() };
  };
}
