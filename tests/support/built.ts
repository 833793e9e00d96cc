import * as assert from 'uvu/assert';
import { build, type Event, openProject, type RunOptions, type TestResult } from '../../dist/index.js';
import type { TestProject } from './project.ts';

/** How a model came to be, in a build. */
export interface BuiltNode {
  readonly reason: string | undefined;
  /** `delta 2 1 0`: inserted, updated, deleted; `swap`; `same`. */
  readonly how: string;
  /** Of a model that is filled by time: `2024-01-01 00:00:00+00:00:00`. */
  readonly filled: readonly { readonly from: string; readonly to: string }[];
}

/** Builds by the engine, well or not: what failed, in the words that people are told. */
export async function builtRun(
  { dir, url }: TestProject,
  options: RunOptions = {},
): Promise<{
  readonly status: string;
  readonly nodes: Record<string, BuiltNode>;
  readonly failures: string;
}> {
  process.env.DATABASE_URL = url;
  const told: Event[] = [];
  const { status, error } = await build(await openProject({ dir }), {
    ...options,
    emit(event) {
      told.push(event);
      options.emit?.(event);
    },
  });
  const nodes: Record<string, BuiltNode> = {};
  const failures = error ? [`${error.code} ${error.message}`] : [];
  const tell = (results: readonly TestResult[]) => {
    for (const { title, status: how, failures: count, samples, error: broken } of results)
      if (how !== 'passed')
        failures.push(`${title}: ${count} ${JSON.stringify(samples)} ${broken?.message ?? ''}`);
  };
  for (const event of told) {
    if (event.event === 'test.finished') tell(event.results);
    if (event.event !== 'model.finished') continue;
    tell(event.tests);
    if (event.error)
      failures.push(`${event.error.code} ${event.error.message} ${JSON.stringify(event.error.where)}`);
    if (event.status === 'unchanged') continue;
    const { node, reason, publishing: p, filled = [] } = event;
    const how = p?.how === 'delta' ? ['delta', p.inserted, p.updated, p.deleted].join(' ') : String(p?.how);
    nodes[node] = { reason, filled, how };
  }
  return { status, nodes, failures: failures.join('\n') };
}

/** Builds, which has to succeed; the models that were built. */
export async function builtNodes(
  project: TestProject,
  options: RunOptions = {},
): Promise<Readonly<Record<string, BuiltNode>>> {
  const { status, nodes, failures } = await builtRun(project, options);
  assert.is(status, 'succeeded', failures);
  return nodes;
}
