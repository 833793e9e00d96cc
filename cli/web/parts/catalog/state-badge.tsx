import '../../styles/nodes.css';
import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';
import { texts } from '../../app/language.ts';
import { type ShownState, shownState } from './states.ts';

/** Colour and sign of each state: the sign tells them apart where colours do not. */
export const stateLooks: Readonly<Record<ShownState, readonly [tone: string, sign: string]>> = {
  published: ['good', '✓'],
  loaded: ['good', '✓'],
  built: ['good', '✓'],
  passed: ['good', '✓'],
  warned: ['warn', '!'],
  failed: ['bad', '✕'],
  skipped: ['idle', '↷'],
  interrupted: ['idle', '■'],
  stale: ['warn', '◷'],
  waiting: ['busy', '⋯'],
  never: ['idle', '○'],
};

export function StateBadge({ state }: { readonly state: ShownState }) {
  const { catalog } = texts.value;
  const [tone, sign] = stateLooks[state];
  return (
    <span class={`state ${tone}`} title={catalog.stateHints[state]}>
      <span aria-hidden="true">{sign}</span>
      {catalog.states[state]}
    </span>
  );
}

/** The badge of a node; nothing for sources. */
export function NodeState({
  node,
  stale,
}: {
  readonly node: CatalogNode;
  readonly stale: ReadonlySet<string>;
}) {
  const state = shownState(node, stale);
  return state === null ? null : <StateBadge state={state} />;
}
