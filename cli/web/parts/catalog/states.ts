import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';

/** What a node's badge says. */
export const shownStates = [
  'published',
  'loaded',
  'built',
  'passed',
  'warned',
  'failed',
  'skipped',
  'interrupted',
  'stale',
  'waiting',
  'never',
] as const;
export type ShownState = (typeof shownStates)[number];

type Known = Pick<
  CatalogNode,
  | 'name'
  | 'kind'
  | 'materialized'
  | 'parents'
  | 'relation'
  | 'state'
  | 'runId'
  | 'ranAt'
  | 'durationMs'
  | 'freshAt'
  | 'tests'
>;

/** History is written in batches, so that the time of an end may be a little after the publish that came of it. */
const slackMs = 2000;

/** @returns null for sources, which no run makes, and for models that live inside others */
export function shownState(node: Known, stale: ReadonlySet<string>): ShownState | null {
  if (node.kind === 'source') return null;
  switch (node.state) {
    case null:
      return node.materialized === 'ephemeral' ? null : 'never';
    case 'failed':
    case 'skipped':
    case 'interrupted':
      return node.state;
    default:
      if (stale.has(node.name)) return 'stale';
      // What is unchanged was not tested anew: the warnings of before still hold.
      if (node.state === 'warned' || node.tests.warned > 0) return 'warned';
      if (node.kind === 'test') return 'passed';
      if (node.kind === 'load') return 'loaded';
      if (node.materialized === 'ephemeral') return 'built';
      return isPublished(node) ? 'published' : 'waiting';
  }
}

/** Whether readers see what was built last: a run of which something failed publishes nothing. */
function isPublished({ relation, state, ranAt, durationMs, freshAt }: Known): boolean {
  if (relation === null || freshAt === null) return false;
  if (state === 'unchanged' || ranAt === null) return true;
  return Date.parse(freshAt) >= Date.parse(ranAt) - (durationMs ?? 0) - slackMs;
}

/** Those that show what they read as it is: they are as new as that. */
const passesOn: ReadonlySet<string | null> = new Set(['view', 'ephemeral']);

/** Names of the nodes that were not built since something that they read was: what they show is older than it could be. */
export function findStale(nodes: ReadonlyMap<string, Known>): ReadonlySet<string> {
  interface Age {
    /** The run that last changed what it shows; 0: not known. */
    readonly changed: number;
    readonly isStale: boolean;
  }
  const ages = new Map<string, Age>();
  const ageOf = (name: string): Age => {
    const known = ages.get(name);
    if (known) return known;
    // Definitions of different runs may name each other in a circle.
    ages.set(name, { changed: 0, isStale: false });
    const node = nodes.get(name);
    const parents = (node?.parents ?? []).map(ageOf);
    const newest = Math.max(0, ...parents.map(({ changed }) => changed));
    const own = node?.state === 'succeeded' || node?.state === 'warned' ? (node.runId ?? 0) : 0;
    const isMade = node?.kind === 'model' && !passesOn.has(node.materialized) && node.runId !== null;
    const age = {
      changed: node && passesOn.has(node.materialized) ? Math.max(own, newest) : own,
      isStale:
        node?.kind === 'model' &&
        (parents.some(({ isStale }) => isStale) || (isMade && newest > (node.runId ?? 0))),
    };
    ages.set(name, age);
    return age;
  };
  return new Set([...nodes.keys()].filter((name) => ageOf(name).isStale));
}
