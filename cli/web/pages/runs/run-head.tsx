import type { RunDetail } from '../../../serve/ui/runs/shapes.ts';
import { formatDuration, formatMoment, formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { RunBadge } from './badges.tsx';
import { describeCause, describeCommand, describeCounts, durationOf } from './describe.ts';
import { ErrorBox } from './error-box.tsx';
import type { Lane } from './lane.ts';
import type { Timeline } from './lanes.ts';
import { RunActions } from './run-actions.tsx';
import { useRetries } from './use-run.ts';

/** As many nodes that failed are named above the timeline. */
const maxTroubles = 8;

/** What a run was, how it ended and what readers see of it. */
export function RunHead({
  run,
  timeline,
  now,
  reload,
}: {
  readonly run: RunDetail;
  readonly timeline: Timeline;
  readonly now: number;
  readonly reload: () => Promise<void>;
}) {
  const { runs: words } = texts.value;
  const isRunning = run.status === 'running';
  const planned = timeline.byNode.size;
  const progress = words.progress(formatNumber(timeline.done), formatNumber(planned));
  return (
    <header class="run-head">
      <div class="runs-head">
        <h1>
          {words.run(String(run.runId))} <RunBadge run={run} />
        </h1>
        <RunActions run={run} reload={reload} />
      </div>
      <p class="run-facts">
        <code>{describeCommand(run)}</code>
        <span>{describeCause(run.cause)}</span>
        <time dateTime={run.startedAt}>{formatMoment(run.startedAt)}</time>
        {run.status !== 'crashed' && <span>{formatDuration(durationOf(run, now))}</span>}
        <span class="dim">{words.head.on(run.host)}</span>
      </p>
      {isRunning && planned > 0 && (
        <p class="run-progress">
          <progress value={timeline.done} max={planned} aria-label={progress} />
          <span>{progress}</span>
        </p>
      )}
      {run.counts && (
        <p class="run-counts">
          {describeCounts(run.counts).map(({ text, tone }) => (
            <span key={text} class={tone}>
              {text}
            </span>
          ))}
        </p>
      )}
      <Readers run={run} />
      <Relatives run={run} />
      {run.error && (
        <section aria-label={words.head.error}>
          <ErrorBox error={run.error} tone={run.status === 'interrupted' ? 'warn' : 'bad'} />
        </section>
      )}
      <Troubles run={run} lanes={timeline.lanes} />
    </header>
  );
}

function Readers({ run }: { readonly run: RunDetail }) {
  const { head, run: name } = texts.value.runs;
  const seen = project.value?.published;
  return (
    <p>
      {(seen || run.publishedAt) && publishedText(run)}{' '}
      {!seen ? (
        head.seeNothing
      ) : seen.runId === run.runId ? (
        head.seen
      ) : (
        <>
          {head.seeOther} <a href={`/ui/runs/${seen.runId}`}>{name(String(seen.runId)).toLowerCase()}</a>.
        </>
      )}
    </p>
  );
}

function publishedText({ publishedAt, status }: RunDetail): string {
  const { head } = texts.value.runs;
  if (publishedAt) return head.publishedAt(formatMoment(publishedAt));
  return status === 'running' ? head.notPublishedYet : head.notPublished;
}

/** The run that it takes up again, and those that took it up. */
function Relatives({ run }: { readonly run: RunDetail }) {
  const { head, run: name } = texts.value.runs;
  const retries = useRetries(run);
  const link = (runId: number) => (
    <a key={runId} href={`/ui/runs/${runId}`}>
      {name(String(runId)).toLowerCase()}
    </a>
  );
  return (
    <>
      {run.retryOf !== null && (
        <p>
          {head.retryOf} {link(run.retryOf)}.
        </p>
      )}
      {retries.length > 0 && (
        <p>
          {head.retriedBy} {retries.map(({ runId }, i) => [i > 0 && ', ', link(runId)])}.
        </p>
      )}
    </>
  );
}

/** The nodes that failed, and with what. */
function Troubles({ run, lanes }: { readonly run: RunDetail; readonly lanes: readonly Lane[] }) {
  const { head, node: words } = texts.value.runs;
  const failed = lanes.filter(({ state, kind }) => state === 'failed' && kind !== 'publish');
  if (failed.length === 0) return null;
  const why = ({ error, tests }: Lane) =>
    error
      ? `${error.code} ${error.message}`
      : tests
          .filter(({ status }) => status === 'failed' || status === 'errored')
          .map(({ title, failures, error: broken }) =>
            broken
              ? `${title}: ${broken.message}`
              : `${title}: ${words.failures(failures, formatNumber(failures))}`,
          )
          .join('; ');
  return (
    <section class="troubles" aria-labelledby="troubles">
      <h2 id="troubles">{head.troubles}</h2>
      <ul>
        {failed.slice(0, maxTroubles).map((lane) => (
          <li key={lane.node}>
            <a href={`/ui/runs/${run.runId}?node=${encodeURIComponent(lane.node)}`}>{lane.node}</a>{' '}
            <span class="message">{why(lane)}</span>
          </li>
        ))}
        {failed.length > maxTroubles && (
          <li>
            <a href={`/ui/runs/${run.runId}?state=failed`}>
              {head.moreTroubles(formatNumber(failed.length - maxTroubles))}
            </a>
          </li>
        )}
      </ul>
    </section>
  );
}
