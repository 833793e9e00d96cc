import { useEffect, useRef, useState } from 'preact/hooks';
import { texts } from '../../app/language.ts';
import { query, setQuery } from '../../app/router.ts';
import { axisTicks } from './axis.ts';
import { type Area, GanttRow } from './gantt-row.tsx';
import { GanttTools } from './gantt-tools.tsx';
import type { LaneState } from './lane.ts';
import type { Timeline } from './lanes.ts';
import { useSize } from './use-size.ts';

/** Sizes as in the style sheet. */
const rowHeights = { wide: 28, narrow: 46 } as const;
const narrowWidth = 640;
/** Rows beyond what is seen that stand there already. */
const spare = 8;
const tickWidth = 90;
/** Above it a pixel is less than a frame of the longest runs. */
const maxZoom = 512;

/** The nodes of a run against time. Only the rows that are seen are in the page: a thousand do not slow it. */
export function Gantt({
  timeline,
  critical,
  chosen,
  now,
}: {
  readonly timeline: Timeline;
  readonly critical: ReadonlySet<string>;
  readonly chosen: string | null;
  readonly now: number;
}) {
  const { timeline: words } = texts.value.runs;
  const [zoom, setZoom] = useState(1);
  const [scrolled, setScrolled] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(scroller);
  const only = query.value.get('state') as LaneState | null;
  const lanes =
    only === null
      ? timeline.lanes
      : timeline.lanes.filter(({ state, kind }) => state === only && kind !== 'publish');
  const area: Area = { from: timeline.from, to: Math.max(timeline.to ?? now, timeline.from + 1) };
  const form = width > 0 && width < narrowWidth ? 'narrow' : 'wide';
  const rowHeight = rowHeights[form];
  const track = Math.max(
    60,
    width - (form === 'narrow' ? 0 : Math.min(340, Math.max(220, width * 0.26)) + 90),
  );
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - spare);
  const last = Math.min(lanes.length, Math.ceil((scrolled + height) / rowHeight) + spare);
  const ticks = axisTicks(area.to - area.from, (track * zoom) / tickWidth);
  const focus = useRowFocus(scroller, rowHeight, lanes.length);
  const chosenAt = lanes.findIndex(({ node }) => node === chosen);
  const reached = Math.max(chosenAt, 0);
  const tabbed = reached >= first && reached < last ? reached : first;

  const zoomTo = (wanted: number) => {
    const next = Math.min(maxZoom, Math.max(1, wanted));
    const element = scroller.current!;
    const middle = (element.scrollLeft + track / 2) / (track * zoom);
    setZoom(next);
    // When it is as wide as that.
    requestAnimationFrame(() => {
      element.scrollLeft = middle * track * next - track / 2;
    });
  };
  return (
    <section class="gantt" aria-label={words.label}>
      <GanttTools
        lanes={timeline.lanes}
        only={only}
        zoom={zoom}
        zoomTo={zoomTo}
        hasCritical={critical.size > 0}
      />
      {lanes.length === 0 && <p class="dim">{words.empty}</p>}
      <div
        ref={scroller}
        class={`gantt-scroll ${form}`}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
      >
        <div class="gantt-inner" style={{ '--zoom': String(zoom) }}>
          <div class="gantt-axis" aria-hidden="true">
            <span class="gantt-name">{form === 'wide' && words.node}</span>
            <span class="gantt-track">
              {ticks.map(({ at, text }) => (
                <span key={at} class="tick" style={{ left: `${at * 100}%` }}>
                  {text}
                </span>
              ))}
            </span>
            <span class="gantt-took">{form === 'wide' && words.took}</span>
          </div>
          <div class="gantt-grid" aria-hidden="true" style={{ height: `${lanes.length * rowHeight}px` }}>
            {ticks.map(({ at }) => (
              <span key={at} style={{ left: `${at * 100}%` }} />
            ))}
          </div>
          <p id="gantt-hint" class="hidden">
            {words.hint}
          </p>
          <ol
            class="gantt-rows"
            style={{ height: `${lanes.length * rowHeight}px` }}
            aria-label={words.label}
            aria-describedby="gantt-hint"
            onKeyDown={focus.onKeyDown}
          >
            {lanes.slice(first, last).map((lane, i) => (
              <GanttRow
                key={lane.node}
                lane={lane}
                index={first + i}
                count={lanes.length}
                top={(first + i) * rowHeight}
                area={area}
                now={now}
                isCritical={critical.has(lane.node)}
                isChosen={lane.node === chosen}
                isTabbed={first + i === tabbed}
              />
            ))}
          </ol>
        </div>
      </div>
    </section>
  );
}

/** Arrow keys, Home and End go from row to row, also to those that are not in the page yet. */
function useRowFocus(scroller: { readonly current: HTMLElement | null }, rowHeight: number, count: number) {
  const wanted = useRef<number | null>(null);
  const focusRow = () => {
    if (wanted.current === null) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    row?.focus({ preventScroll: true });
    if (row) wanted.current = null;
  };
  // It comes with the rows that scrolling brings.
  useEffect(focusRow);
  return {
    onKeyDown(event: KeyboardEvent) {
      if (event.key === 'Escape' && query.value.get('node') !== null) setQuery({ node: null });
      const at = Number((event.target as HTMLElement).dataset.index);
      const next = Number.isNaN(at) ? undefined : nextRow(event.key, at, count);
      if (next === undefined) return;
      event.preventDefault();
      wanted.current = next;
      scrollToRow(scroller.current!, next * rowHeight, rowHeight);
      focusRow();
    },
  };
}

function nextRow(key: string, at: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + 10,
    PageUp: at - 10,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined ? undefined : Math.min(count - 1, Math.max(0, next));
}

function scrollToRow(scroller: HTMLElement, top: number, rowHeight: number): void {
  const axis = (scroller.querySelector('.gantt-axis') as HTMLElement).offsetHeight;
  const seen = scroller.clientHeight - axis - rowHeight;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top > scroller.scrollTop + seen) scroller.scrollTop = top - seen;
}
