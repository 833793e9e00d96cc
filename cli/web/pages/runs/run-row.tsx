import { useMemo } from 'preact/hooks';
import type { RunSummary } from '../../../serve/ui/runs/shapes.ts';
import { formatDuration, formatMoment, formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { RunBadge } from './badges.tsx';
import { describeCause, describeCommand, describeCounts, durationOf } from './describe.ts';
import { useRunEvents } from './follow.ts';
import { makeTimeline } from './lanes.ts';

/** A run in the list. */
export function RunRow({ run, now }: { readonly run: RunSummary; readonly now: number }) {
  const { runs: words } = texts.value;
  const isRunning = run.status === 'running';
  return (
    <li class={isRunning ? 'run-row busy' : 'run-row'}>
      <span class="run-name">
        <a href={`/ui/runs/${run.runId}`}>{words.run(String(run.runId))}</a> <RunBadge run={run} />
      </span>
      <span class="run-what">
        <code>{describeCommand(run)}</code>
        <span class="dim">{describeCause(run.cause)}</span>
      </span>
      <time class="run-started" dateTime={run.startedAt}>
        {formatMoment(run.startedAt)}
      </time>
      <span class="run-took">{run.status === 'crashed' ? '' : formatDuration(durationOf(run, now))}</span>
      <span class="run-did">{isRunning ? <Progress run={run} /> : <Counts run={run} />}</span>
      <span class="run-published">
        <span class="label">{words.columns.published}: </span>
        {run.publishedAt ? words.yes : words.no}
      </span>
    </li>
  );
}

function Counts({ run }: { readonly run: RunSummary }) {
  return (
    <>
      {run.error && (
        <span class={run.status === 'interrupted' ? 'warn message' : 'bad message'}>
          <code>{run.error.code}</code> {run.error.message}
        </span>
      )}
      {run.counts && (
        <span>
          {describeCounts(run.counts).map(({ text, tone }, i) => (
            <span key={text} class={tone}>
              {i > 0 && ', '}
              {text}
            </span>
          ))}
        </span>
      )}
    </>
  );
}

/** How far a run that goes on has come. */
function Progress({ run }: { readonly run: RunSummary }) {
  const { events } = useRunEvents(run.runId);
  const { done, byNode } = useMemo(
    () => makeTimeline({ ...run, planned: [], nodes: [], loads: [] }, events),
    [run, events],
  );
  const planned = byNode.size;
  if (planned === 0) return null;
  const text = texts.value.runs.progress(formatNumber(done), formatNumber(planned));
  return (
    <span class="run-progress">
      <progress value={done} max={planned} aria-label={text} />
      <span>{text}</span>
    </span>
  );
}
