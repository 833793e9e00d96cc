import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { RunDetail, RunSummary, RunsAnswer } from '../../../serve/ui/runs/shapes.ts';
import { askJson } from '../../app/http.ts';
import { project } from '../../app/project.ts';
import { type Followed, useRunEvents } from './follow.ts';

const pollMs = 2000;
/** A run that takes up another is seldom many runs later. */
const laterRuns = 200;

export interface RunState {
  readonly run: RunDetail | undefined;
  readonly followed: Followed;
  readonly error: unknown;
  readonly reload: () => Promise<void>;
}

/** A run and its events, as long as it goes on. */
export function useRun(runId: number): RunState {
  const [run, setRun] = useState<RunDetail>();
  const [error, setError] = useState<unknown>();
  const followed = useRunEvents(runId);
  const isOperator = project.value?.access.isOperator;
  const reload = useCallback(async () => {
    try {
      setRun(await askJson<RunDetail>(`/ui/api/runs/${runId}`));
      setError(undefined);
    } catch (failure) {
      setError(failure);
    }
  }, [runId]);
  // Whoever signs in asks anew.
  useEffect(() => void reload(), [reload, isOperator]);
  const isRunning = run?.status === 'running';
  useEffect(() => {
    if (isRunning && followed.isComplete) void reload();
  }, [isRunning, followed.isComplete, reload]);
  const isCancelling = useRef(false);
  isCancelling.current = run?.isCancelling ?? false;
  useEffect(() => {
    if (!isRunning) return;
    // Its nodes come as events; the whole of a large run is much to ask for again and again.
    const look = async () => {
      const { runs } = await askJson<RunsAnswer>(`/ui/api/runs?limit=1&before=${runId + 1}`);
      const now = runs[0];
      if (now?.runId === runId && (now.status !== 'running' || now.isCancelling !== isCancelling.current))
        await reload();
    };
    // What fails is tried again soon.
    const timer = setInterval(() => look().catch(() => {}), pollMs);
    return () => clearInterval(timer);
  }, [isRunning, runId, reload]);
  return { run, followed, error, reload };
}

/** The runs that have taken up a run again, oldest first. */
export function useRetries(run: RunSummary): readonly RunSummary[] {
  const [retries, setRetries] = useState<readonly RunSummary[]>([]);
  const mayHave = run.status !== 'running' && run.status !== 'succeeded';
  useEffect(() => {
    if (!mayHave) return;
    askJson<RunsAnswer>(`/ui/api/runs?limit=${laterRuns}&before=${run.runId + laterRuns + 1}`).then(
      ({ runs }) => setRetries(runs.filter(({ retryOf }) => retryOf === run.runId).reverse()),
      // The page is whole without them.
      () => {},
    );
  }, [run.runId, mayHave]);
  return retries;
}
