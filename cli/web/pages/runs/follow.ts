import { useEffect, useState } from 'preact/hooks';
import type { RunEvent, RunEventsAnswer } from '../../../serve/ui/runs/shapes.ts';
import { ask, HttpError } from '../../app/http.ts';
import { onEvent } from '../../app/live.ts';
import { project } from '../../app/project.ts';

/** Where the server's own word does not come through, it is asked. */
const pollMs = 2000;
/** Clocks that differ by less are taken for the same: the server says seconds only. */
const sameClockMs = 2000;

let clockDifference = 0;

/** The time of the server: bars that grow are measured against its events. */
export function serverNow(): number {
  return Date.now() + clockDifference;
}

export interface Followed {
  readonly events: readonly RunEvent[];
  /** Some answer has come. */
  readonly isRead: boolean;
  /** The run has ended, and these are all. */
  readonly isComplete: boolean;
  readonly error: unknown;
}

const nothing: Followed = { events: [], isRead: false, isComplete: false, error: undefined };

/** The events of a run; those that are still to come while it goes on. */
export function useRunEvents(runId: number): Followed {
  const [followed, setFollowed] = useState<Followed>(nothing);
  const isOperator = project.value?.access.isOperator;
  // Whoever signs in asks anew.
  useEffect(() => {
    setFollowed(nothing);
    return follow(runId, (change) => setFollowed((before) => ({ ...before, ...change(before) })));
  }, [runId, isOperator]);
  return followed;
}

/** @returns ends it */
function follow(runId: number, change: (made: (before: Followed) => Partial<Followed>) => void): () => void {
  let seq = 0;
  let isOver = false;
  let isAsking = false;
  const read = async () => {
    // What is told meanwhile is in the answer after this one: it is asked for until nothing new comes.
    if (isAsking || isOver) return;
    isAsking = true;
    try {
      for (let isMore = true; isMore && !isOver; ) {
        const response = await ask(`/ui/api/runs/${runId}/events?after=${seq}`);
        noteClock(response);
        const { events, isComplete } = (await response.json()) as RunEventsAnswer;
        if (isOver) return;
        seq = events.at(-1)?.seq ?? seq;
        change((before) => ({
          events: events.length > 0 ? [...before.events, ...events] : before.events,
          isRead: true,
          isComplete,
          error: undefined,
        }));
        if (isComplete) stop();
        isMore = events.length > 0;
      }
    } catch (error) {
      if (isOver) return;
      change(() => ({ error }));
      // Refused is refused; a server that does not answer will.
      if (error instanceof HttpError && error.status < 500) stop();
    } finally {
      isAsking = false;
    }
  };
  const poll = setInterval(() => void read(), pollMs);
  const deafen = onEvent((event) => {
    if (event.event === 'run' && event.runId === runId) void read();
  });
  const stop = () => {
    isOver = true;
    clearInterval(poll);
    deafen();
  };
  void read();
  return stop;
}

function noteClock(response: Response): void {
  const said = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(said)) return;
  const difference = said - Date.now();
  clockDifference = Math.abs(difference) > sameClockMs ? difference : 0;
}

/** The time, while something runs; each second anew. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!isRunning) return;
    setNow(serverNow());
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
