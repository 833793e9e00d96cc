import { z } from 'zod';

/** `30min`, `90 s`. */
export const time = z.string().regex(/^\d+ ?(ms|s|min|h)$/, 'must be a time such as "30min" or "90 s"');

/** `30min` in milliseconds; the text is expected to be checked. */
export function toMilliseconds(text: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
  const [, count, unit] = /^(\d+) ?(\w+)$/.exec(text)!;
  return Number(count) * units[unit!]!;
}
