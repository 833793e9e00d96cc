import type { Incremental } from '../../project/model.js';
import type { Inputs, PublishedNode } from './read-states.js';
import { changedSetting } from './settings.js';

export interface RebuildQuestion {
  readonly published: PublishedNode | undefined;
  /** What a result would be made from now. */
  readonly now: Inputs;
  /** All is to be built anew. */
  readonly isFull: boolean;
  readonly onSqlChange: Incremental['onSqlChange'] | undefined;
}

/** Why an incremental model cannot be built on top of what is published of it; undefined: it can. */
export function whyRebuild({ published, now, isFull, onSqlChange }: RebuildQuestion): string | undefined {
  if (isFull) return '--full-refresh';
  if (!published || published.stands === 'missing') return 'nothing is published';
  if (published.stands === 'altered') return 'others altered it';
  const before = published.inputs;
  if (before?.version !== now.version) return 'an older mdl built it';
  if (before.contract !== now.contract) return 'its contract changed';
  if (onSqlChange === 'keep') return undefined;
  if (before.facts.hash !== now.facts.hash) return 'its sql changed';
  if (before.functions !== now.functions) return 'a function that it calls changed';
  // What an older mdl has built says nothing of the settings then: that is no reason to begin anew.
  const setting = before.settings && changedSetting(before.settings, now.settings);
  return setting === undefined ? undefined : `the server's ${setting} changed`;
}
