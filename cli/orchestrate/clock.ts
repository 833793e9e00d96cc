import { setTimeout as wait } from 'node:timers/promises';

/** What time it is, and waiting for another: tests have one of their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits until then; ends early, without an error, when the signal says so. */
  sleepUntil(time: number, signal: AbortSignal): Promise<void>;
}

/** A machine that sleeps, or whose clock is set, is noticed within this. */
const longestNapMs = 30_000;

export const realClock: Clock = {
  now: () => Date.now(),
  async sleepUntil(time, signal) {
    while (!signal.aborted && Date.now() < time)
      await wait(Math.min(longestNapMs, time - Date.now()), undefined, { signal }).catch(() => {});
  },
};
