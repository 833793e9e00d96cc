import { formatDuration } from '../../text/format.js';
import type { Inputs, PublishedNode } from './read-states.js';
import { changedSetting } from './settings.js';

export interface StaleQuestion {
  readonly published: PublishedNode | undefined;
  /** What a result would be made from now. */
  readonly now: Inputs;
  /** Why the same rows may give another result. */
  readonly volatile: readonly string[];
  /** How long a result may be used; undefined: as long as nothing changes, and a volatile one not at all. */
  readonly freshnessMs: number | undefined;
  readonly force: string | undefined;
}

/** Why a result is not what a build would make; `parents`: those whose rows have changed. */
export type Staleness =
  | { readonly why: string }
  | { readonly parents: readonly { readonly node: string; readonly before: string | undefined }[] };

/** Holds what is published against what there is now. The first reason counts: each is enough. */
export function whyStale({
  published,
  now,
  volatile,
  freshnessMs,
  force,
}: StaleQuestion): Staleness | undefined {
  if (force !== undefined) return { why: force };
  if (!published) return { why: 'never built' };
  if (published.isElsewhere) return { why: 'published in another place' };
  if (published.stands === 'missing') return { why: 'dropped by others' };
  if (published.stands === 'altered') return { why: 'altered by others' };
  const before = published.inputs;
  if (before?.version !== now.version || !before.settings) return { why: 'built by an older mdl' };
  if (before.facts.hash !== now.facts.hash) return { why: 'sql changed' };
  if (before.contract !== now.contract) return { why: 'contract changed' };
  if (before.tests !== now.tests) return { why: 'tests changed' };
  if (before.charts !== now.charts) return { why: 'charts changed' };
  if (before.functions !== now.functions) return { why: 'a function that it calls changed' };
  if (before.testFunctions !== now.testFunctions) return { why: 'a function that its tests call changed' };
  const setting = changedSetting(before.settings, now.settings);
  if (setting !== undefined) return { why: `the server's ${setting} changed` };
  const parents = changedRows(before.parents, now.parents);
  if (parents.length > 0) return { parents: parents.map((node) => ({ node, before: before.parents[node] })) };
  const tested = changedRows(before.tested ?? {}, now.tested ?? {});
  if (tested.length > 0) return { why: `${tested[0]} changed, which its tests read` };
  const ageMs = Date.parse(now.builtAt) - Date.parse(before.builtAt);
  if (freshnessMs !== undefined)
    return ageMs >= freshnessMs ? { why: `${formatDuration(ageMs)} old` } : undefined;
  return volatile.length > 0 ? { why: `volatile: ${volatile[0]}` } : undefined;
}

type Rows = Readonly<Record<string, string>>;

function changedRows(before: Rows, now: Rows): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((node) => before[node] !== now[node]);
}
