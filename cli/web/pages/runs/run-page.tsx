import { useMemo } from 'preact/hooks';
import { texts } from '../../app/language.ts';
import { query } from '../../app/router.ts';
import { Failure, Loading } from '../../parts/states.tsx';
import { criticalNodes } from './critical.ts';
import { useNow } from './follow.ts';
import { Gantt } from './gantt.tsx';
import { makeTimeline } from './lanes.ts';
import { RunLog } from './log.tsx';
import { NodePanel } from './node-panel.tsx';
import { RunHead } from './run-head.tsx';
import { useRun } from './use-run.ts';
import { nodeOf, toLines } from './words.ts';

/** One run: its head, its timeline or its log, and the node that is chosen. */
export function RunPage({ runId }: { readonly runId: number }) {
  const { runs: words } = texts.value;
  const { run, followed, error, reload } = useRun(runId);
  const { events } = followed;
  const timeline = useMemo(() => run && makeTimeline(run, events), [run, events]);
  const critical = useMemo(
    () => (timeline && timeline.to !== null ? criticalNodes(timeline.lanes) : new Set<string>()),
    [timeline],
  );
  const now = useNow(run?.status === 'running');
  if (error && !run) return <Failure error={error} retry={reload} />;
  if (!run || !timeline) return <Loading />;
  const isLog = query.value.get('tab') === 'log';
  const chosen = query.value.get('node');
  const base = `/ui/runs/${runId}`;
  return (
    <div class="runs">
      <RunHead run={run} timeline={timeline} now={now} reload={reload} />
      <nav class="sections" aria-label={words.tabs.label}>
        <a href={base} aria-current={isLog ? undefined : 'page'}>
          {words.tabs.timeline}
        </a>
        <a href={`${base}?tab=log`} aria-current={isLog ? 'page' : undefined}>
          {words.tabs.log}
        </a>
      </nav>
      {followed.error !== undefined && !followed.isRead && <Failure error={followed.error} />}
      {isLog ? (
        <RunLog runId={runId} followed={followed} lines={toLines(events)} />
      ) : (
        <div class={chosen === null ? 'run-body' : 'run-body with-panel'}>
          <Gantt timeline={timeline} critical={critical} chosen={chosen} now={now} />
          {chosen !== null && (
            <NodePanel
              key={chosen}
              runId={runId}
              name={chosen}
              lane={timeline.byNode.get(chosen)}
              lines={toLines(events.filter(({ event }) => nodeOf(event) === chosen))}
              from={timeline.from}
              now={now}
            />
          )}
        </div>
      )}
    </div>
  );
}
