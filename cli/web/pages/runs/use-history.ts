import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { RunSummary, RunsAnswer } from '../../../serve/ui/runs/shapes.ts';
import { askJson } from '../../app/http.ts';
import { onEvent } from '../../app/live.ts';
import { project, publishes } from '../../app/project.ts';

const pageSize = 50;
/** A filter looks so far back at once; then it asks. */
const searchSize = 200;
const searchPages = 5;
/** A run tells much at once. */
const quietMs = 500;
const pollMs = 2000;

export interface History {
  /** Newest first; undefined: not read yet. */
  readonly runs: readonly RunSummary[] | undefined;
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly error: unknown;
  readonly refresh: () => Promise<void>;
  /** Goes back until there are more runs of that kind, or it has looked far enough. */
  readonly readOlder: (isWanted: (run: RunSummary) => boolean) => Promise<void>;
}

/** The runs of the project as they are now, and older ones on demand. */
export function useHistory(): History {
  const [runs, setRuns] = useState<readonly RunSummary[]>();
  const [hasMore, setMore] = useState(false);
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<unknown>();
  const known = useRef<readonly RunSummary[]>([]);
  const keep = useCallback((list: readonly RunSummary[]) => {
    known.current = list;
    setRuns(list);
  }, []);

  const refresh = useCallback(async () => {
    try {
      const latest = await askJson<RunsAnswer>(`/ui/api/runs?limit=${pageSize}`);
      const oldest = latest.runs.at(-1)?.runId ?? 0;
      const older = known.current.filter(({ runId }) => runId < oldest);
      // With more new ones than fit, what was known before would leave a gap.
      const isJoined = !latest.hasMore || known.current.some(({ runId }) => runId >= oldest);
      keep(isJoined ? [...latest.runs, ...older] : latest.runs);
      if (older.length === 0 || !isJoined) setMore(latest.hasMore);
      setError(undefined);
    } catch (failure) {
      setError(failure);
    }
  }, [keep]);

  const readOlder = useCallback(
    async (isWanted: (run: RunSummary) => boolean) => {
      setReading(true);
      try {
        for (let i = 0; i < searchPages; i++) {
          const before = known.current.at(-1)?.runId;
          if (before === undefined) break;
          const answer = await askJson<RunsAnswer>(
            `/ui/api/runs?limit=${i === 0 ? pageSize : searchSize}&before=${before}`,
          );
          keep([...known.current, ...answer.runs]);
          setMore(answer.hasMore);
          if (!answer.hasMore || answer.runs.some(isWanted)) break;
        }
      } catch (failure) {
        setError(failure);
      } finally {
        setReading(false);
      }
    },
    [keep],
  );

  const isOperator = project.value?.access.isOperator;
  const published = publishes.value;
  // Whoever signs in, and whoever was away, asks anew.
  useEffect(() => void refresh(), [refresh, isOperator, published]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deafen = onEvent(({ event }) => {
      if (event !== 'run') return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void refresh();
      }, quietMs);
    });
    return () => {
      deafen();
      clearTimeout(timer);
    };
  }, [refresh]);
  const isRunning = runs?.some(({ status }) => status === 'running') ?? false;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => void refresh(), pollMs);
    return () => clearInterval(timer);
  }, [isRunning, refresh]);
  return { runs, hasMore, isReading, error, refresh, readOlder };
}
