import type { Clock } from '../../dist/orchestrate/clock.js';

/** Time stands still until it is told to go on. */
export class FakeClock implements Clock {
  private readonly sleepers = new Set<{ until: number; wake: () => void }>();

  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  sleepUntil(time: number, signal: AbortSignal): Promise<void> {
    if (time <= this.time || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
        until: time,
        wake: () => {
          this.sleepers.delete(sleeper);
          resolve();
        },
      };
      this.sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  advance(ms: number): void {
    this.time += ms;
    for (const sleeper of [...this.sleepers]) if (sleeper.until <= this.time) sleeper.wake();
  }

  /** Somebody waits for a time that is yet to come. */
  get isWaitedFor(): boolean {
    return this.sleepers.size > 0;
  }
}
