import { useEffect } from 'preact/hooks';
import type { RunSummary } from '../../../serve/ui/runs/shapes.ts';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { query, setQuery } from '../../app/router.ts';
import { Failure, Loading } from '../../parts/states.tsx';
import { describeCause } from './describe.ts';
import { useNow } from './follow.ts';
import { RunRow } from './run-row.tsx';
import { Sections } from './sections.tsx';
import { StartRunButton } from './start-run.tsx';
import { useHistory } from './use-history.ts';

const statuses = ['running', 'succeeded', 'failed', 'interrupted', 'crashed'] as const;

/** All runs, newest first. */
export function HistoryPage() {
  const { runs: words } = texts.value;
  const history = useHistory();
  const { runs, hasMore, isReading, error } = history;
  const status = query.value.get('status');
  const cause = query.value.get('cause');
  const isWanted = (run: RunSummary) =>
    (status === null || run.status === status) && (cause === null || run.cause === cause);
  const isFiltered = status !== null || cause !== null;
  const shown = runs?.filter(isWanted) ?? [];
  const isEmpty = runs !== undefined && runs.length > 0 && shown.length === 0;
  // Once for each filter that finds nothing among the latest
  useEffect(() => {
    if (isEmpty && hasMore) void history.readOlder(isWanted);
  }, [isEmpty, status, cause]);
  const now = useNow(shown.some((run) => run.status === 'running'));
  if (error && !runs) return <Failure error={error} retry={history.refresh} />;
  if (!runs) return <Loading />;
  return (
    <div class="runs">
      <header class="runs-head">
        <h1>{words.title}</h1>
        <StartRunButton />
      </header>
      <Sections />
      {runs.length === 0 ? (
        <div class="notice">
          <h2>{words.none}</h2>
          <p class="dim">{words.noneHint}</p>
        </div>
      ) : (
        <>
          <Filters runs={runs} status={status} cause={cause} />
          <div class="run-list-head" aria-hidden="true">
            {(['run', 'what', 'started', 'duration', 'did', 'published'] as const).map((name) => (
              <span key={name}>{words.columns[name]}</span>
            ))}
          </div>
          <ol class="run-list" aria-label={words.history}>
            {shown.map((run) => (
              <RunRow key={run.runId} run={run} now={now} />
            ))}
          </ol>
          {shown.length === 0 && !isReading && <p class="dim">{words.noneSuch}</p>}
          <p class="more">
            {hasMore && (
              <button type="button" disabled={isReading} onClick={() => void history.readOlder(isWanted)}>
                {words.older}
              </button>
            )}
            {isFiltered && <span class="dim">{words.searched(formatNumber(runs.length))}</span>}
          </p>
        </>
      )}
    </div>
  );
}

function Filters({
  runs,
  status,
  cause,
}: {
  readonly runs: readonly RunSummary[];
  readonly status: string | null;
  readonly cause: string | null;
}) {
  const { filter, status: statusNames } = texts.value.runs;
  const causes = [...new Set([...runs.map((run) => run.cause), ...(cause === null ? [] : [cause])])].sort();
  return (
    <search class="run-filters" aria-label={filter.label}>
      <label>
        {filter.status}
        <select
          value={status ?? ''}
          onChange={({ currentTarget: { value } }) => setQuery({ status: value || null })}
        >
          <option value="">{filter.any}</option>
          {statuses.map((name) => (
            <option key={name} value={name}>
              {statusNames[name]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {filter.cause}
        <select
          value={cause ?? ''}
          onChange={({ currentTarget: { value } }) => setQuery({ cause: value || null })}
        >
          <option value="">{filter.any}</option>
          {causes.map((name) => (
            <option key={name} value={name}>
              {describeCause(name)}
            </option>
          ))}
        </select>
      </label>
      {(status !== null || cause !== null) && (
        <button type="button" class="plain" onClick={() => setQuery({ status: null, cause: null })}>
          {filter.clear}
        </button>
      )}
    </search>
  );
}
