import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { setQuery } from '../../app/router.ts';
import { signs } from './badges.tsx';
import type { Lane, LaneState } from './lane.ts';

const order: readonly LaneState[] = [
  'running',
  'failed',
  'interrupted',
  'warned',
  'succeeded',
  'unchanged',
  'skipped',
  'waiting',
];

/** The legend, whose entries show only their own; and the zoom. */
export function GanttTools({
  lanes,
  only,
  zoom,
  zoomTo,
  hasCritical,
}: {
  readonly lanes: readonly Lane[];
  readonly only: LaneState | null;
  readonly zoom: number;
  readonly zoomTo: (zoom: number) => void;
  readonly hasCritical: boolean;
}) {
  const { state: states, timeline: words } = texts.value.runs;
  const counts = new Map<LaneState, number>();
  for (const { kind, state } of lanes)
    if (kind !== 'publish') counts.set(state, (counts.get(state) ?? 0) + 1);
  return (
    <div class="gantt-tools">
      <fieldset class="legend">
        <legend class="hidden">{words.states}</legend>
        {order
          .filter((state) => counts.has(state) || state === only)
          .map((state) => (
            <button
              key={state}
              type="button"
              aria-pressed={only === state}
              onClick={() => setQuery({ state: only === state ? null : state })}
            >
              <span class={`bar sample ${state}`} aria-hidden="true" />
              <span class={`sign ${state}`} aria-hidden="true">
                {signs[state]}
              </span>
              {states[state]} <strong>{formatNumber(counts.get(state) ?? 0)}</strong>
            </button>
          ))}
      </fieldset>
      {hasCritical && (
        <span class="critical-key dim">
          <span class="bar sample succeeded critical" aria-hidden="true" /> {words.critical}
        </span>
      )}
      <div class="zoom">
        <button
          type="button"
          aria-label={words.zoomOut}
          disabled={zoom <= 1}
          onClick={() => zoomTo(zoom / 2)}
        >
          −
        </button>
        <button type="button" disabled={zoom === 1} onClick={() => zoomTo(1)}>
          {words.fit}
        </button>
        <button type="button" aria-label={words.zoomIn} onClick={() => zoomTo(zoom * 2)}>
          +
        </button>
      </div>
    </div>
  );
}
