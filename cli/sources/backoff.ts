import { setTimeout as sleep } from 'node:timers/promises';

const firstPauseMs = 250;
const longestPauseMs = 30_000;

/** Milliseconds to wait before trying again, growing with the attempts (from 0). Half of it is left to chance, so that requests that failed together do not come back together. */
export function backoff(attempt: number): number {
  const ms = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
  return ms / 2 + (Math.random() * ms) / 2;
}

/** Waits. @throws the signal's reason when aborted */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, signal && { signal });
}

/** `Retry-After` in milliseconds: seconds, or a date. @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function waitAsked(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
