import { formatDuration, formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { path, query } from '../../app/router.ts';
import { signs } from './badges.tsx';
import type { Bar, Lane } from './lane.ts';

/** The time that is shown, in milliseconds since 1970. */
export interface Area {
  readonly from: number;
  readonly to: number;
}

/** A node's name, its attempts as bars, and how long it took; the whole row is the link to it. */
export function GanttRow({
  lane,
  index,
  count,
  top,
  area,
  now,
  isCritical,
  isChosen,
  isTabbed,
}: {
  readonly lane: Lane;
  readonly index: number;
  readonly count: number;
  readonly top: number;
  readonly area: Area;
  readonly now: number;
  readonly isCritical: boolean;
  readonly isChosen: boolean;
  readonly isTabbed: boolean;
}) {
  const { runs } = texts.value;
  const took = tookOf(lane, now);
  const isPublish = lane.kind === 'publish';
  const name = isPublish ? runs.publish : lane.node;
  const because = becauseOf(lane);
  const begun = lane.bars[0] && runs.begun(formatDuration(Math.max(0, lane.bars[0].from - area.from)));
  const told = [
    runs.state[lane.state],
    took === undefined ? null : formatDuration(took),
    begun,
    lane.attempts > 1 ? runs.timeline.attempts(formatNumber(lane.attempts)) : null,
    because,
    isCritical ? runs.timeline.critical : null,
  ].filter(Boolean);
  const inside = (
    <>
      <span class="gantt-name">
        <span class={`sign ${lane.state}`} aria-hidden="true">
          {signs[lane.state]}
        </span>
        <span class="name">{name}</span>
        {lane.attempts > 1 && (
          <span class="attempts" aria-hidden="true">
            ×{formatNumber(lane.attempts)}
          </span>
        )}
      </span>
      <span class="gantt-track">
        {lane.bars.map((bar) => (
          <span key={bar.from} class={`bar ${bar.state}`} style={barPlace(bar, area, now)} />
        ))}
        {because && <span class="because">{because}</span>}
      </span>
      <span class="gantt-took">{took === undefined ? '' : formatDuration(took)}</span>
      <span class="hidden">{told.join(', ')}</span>
    </>
  );
  const kind = `gantt-row ${lane.state}${isCritical ? ' critical' : ''}`;
  return (
    <li
      style={{ top: `${top}px` }}
      aria-setsize={count}
      aria-posinset={index + 1}
      title={`${name}: ${told.join(', ')}`}
    >
      {isPublish ? (
        <div class={kind} data-index={index} tabIndex={-1}>
          {inside}
        </div>
      ) : (
        <a
          class={kind}
          href={linkTo(lane.node, isChosen)}
          data-index={index}
          tabIndex={isTabbed ? 0 : -1}
          aria-current={isChosen ? 'true' : undefined}
        >
          {inside}
        </a>
      )}
    </li>
  );
}

/** What is looked at stays as it is but for the node; the chosen one is let go by another click. */
function linkTo(node: string, isChosen: boolean): string {
  const parameters = new URLSearchParams(query.value);
  if (isChosen) parameters.delete('node');
  else parameters.set('node', node);
  const text = parameters.toString();
  return text === '' ? path.value : `${path.value}?${text}`;
}

/** @returns undefined: it has not begun */
export function tookOf({ bars }: Lane, now: number): number | undefined {
  if (bars.length === 0) return undefined;
  return Math.max(0, (bars.at(-1)!.to ?? now) - bars[0]!.from);
}

export function becauseOf({ state, because }: Lane): string | null {
  const { timeline } = texts.value.runs;
  if (state !== 'skipped') return null;
  return because.length > 0 ? timeline.because(because.join(', ')) : timeline.stopped;
}

function barPlace({ from, to }: Bar, area: Area, now: number) {
  const whole = area.to - area.from;
  const begin = Math.min(1, Math.max(0, (from - area.from) / whole));
  const length = Math.min(1 - begin, Math.max(0, ((to ?? now) - from) / whole));
  return { left: `${begin * 100}%`, width: `${length * 100}%` };
}
