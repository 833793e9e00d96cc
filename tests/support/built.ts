import * as assert from 'uvu/assert';
import type { TestProject } from './project.ts';

/** How a model came to be, in a build. */
export interface BuiltNode {
  readonly reason: string;
  /** `delta 2 1 0`: inserted, updated, deleted; `swap`; `same`. */
  readonly how: string;
  /** Of a model that is filled by time: `2024-01-01 00:00:00+00:00:00`. */
  readonly filled: readonly { readonly from: string; readonly to: string }[];
  readonly rows: number | undefined;
}

/** Builds, which has to succeed; the models that were built. */
export async function builtNodes(
  { events }: TestProject,
  ...args: string[]
): Promise<Readonly<Record<string, BuiltNode>>> {
  const told = await events('build', ...args);
  const [end] = told.filter(({ event }) => event === 'run.finished');
  assert.is(end?.status, 'succeeded', told.map((event) => JSON.stringify(event)).join('\n'));
  return Object.fromEntries(
    told
      .filter(({ event, status }) => event === 'model.finished' && status !== 'unchanged')
      .map(({ node, reason, publishing: p, filled = [], rows }) => [
        node,
        {
          ...{ reason, filled, rows },
          how: [p.how, p.how === 'delta' ? [p.inserted, p.updated, p.deleted] : []].flat().join(' '),
        },
      ]),
  );
}
