import { RequestError } from '../resolve/errors.js';

/** Wrong keys of one address in a minute. */
const attemptsPerMinute = 10;

/** Slows down whoever tries keys. */
export class AttemptLimit {
  private attempts = new Map<string, number>();
  private since = 0;

  /** @param code of the error */
  constructor(private readonly code: string) {}

  /** @throws RequestError 429 after too many attempts that were counted */
  check(address: string): void {
    if (Date.now() - this.since > 60_000) {
      this.attempts = new Map();
      this.since = Date.now();
    }
    if ((this.attempts.get(address) ?? 0) >= attemptsPerMinute)
      throw new RequestError(429, this.code, 'Too many keys were tried.', null, 'Try again in a minute.');
  }

  count(address: string): void {
    this.attempts.set(address, (this.attempts.get(address) ?? 0) + 1);
  }

  /** Whoever had the right one begins anew. */
  forget(address: string): void {
    this.attempts.delete(address);
  }
}
