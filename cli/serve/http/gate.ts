import { RequestError } from '../resolve/errors.js';

/** Lets so many in at a time, and so many wait in a row. */
export class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly places: number,
    private readonly queue: number,
  ) {}

  get numbers(): { readonly max: number; readonly inUse: number; readonly waiting: number } {
    return { max: this.places, inUse: this.inside, waiting: this.waiting.length };
  }

  /**
   * Waits for a place.
   * @returns gives it back
   * @throws RequestError PGRST003 with status 503 when too many wait
   */
  enter(): (() => void) | Promise<() => void> {
    if (this.inside < this.places) {
      this.inside++;
      return this.leaving();
    }
    if (this.waiting.length >= this.queue)
      throw new RequestError(
        503,
        'PGRST003',
        'All connections to the database are in use, and too many requests wait for one.',
        null,
        'Try again after a moment.',
      );
    // A place that becomes free goes to the next in the row without being counted anew.
    return new Promise((go) => this.waiting.push(() => go(this.leaving())));
  }

  private leaving(): () => void {
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.inside--;
    };
  }
}
