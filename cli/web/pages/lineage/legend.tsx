import { texts } from '../../app/language.ts';
import { layerClass } from '../../parts/catalog/layer.ts';
import { stateLooks } from '../../parts/catalog/state-badge.tsx';
import { shownStates } from '../../parts/catalog/states.ts';

/** What colours and signs mean, and which keys there are. */
export function Legend({ layers }: { readonly layers: readonly string[] }) {
  const { lineage, catalog } = texts.value;
  const states = shownStates.filter((state) => !['loaded', 'built', 'passed'].includes(state));
  return (
    <footer class="legend">
      <ul aria-label={lineage.legendLayers}>
        <li>
          <span class="layer-mark of-none" aria-hidden="true" /> {catalog.groups.sources}
        </li>
        {layers.map((layer) => (
          <li key={layer}>
            <span class={`layer-mark ${layerClass(layer, layers)}`} aria-hidden="true" /> {layer}
          </li>
        ))}
      </ul>
      <ul aria-label={lineage.legendStates}>
        {states.map((state) => (
          <li key={state} title={catalog.stateHints[state]}>
            <span class={`graph-state ${stateLooks[state][0]}`} aria-hidden="true">
              {stateLooks[state][1]}
            </span>{' '}
            {catalog.states[state]}
          </li>
        ))}
      </ul>
      <p class="dim">{lineage.keys}</p>
    </footer>
  );
}
