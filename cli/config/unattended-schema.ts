import { z } from 'zod';
import { retries } from './attempts.js';
import type { UnattendedOptions } from './options.js';
import { time, toMilliseconds } from './time.js';

const selectors = z.array(z.string().min(1)).readonly().default([]);

/** What schedules and triggers have in common. */
export const unattendedSettings = {
  command: z.enum(['build', 'load', 'run']).default('build'),
  select: selectors,
  exclude: selectors,
  timeout: time.optional(),
  retries: retries.default(0),
  retryDelay: time.default('1min'),
  whenBusy: z.enum(['wait', 'skip']).default('wait'),
  maxWait: time.optional(),
};

export const onCrash = z.enum(['skip', 'rerun', 'resume']);

const settings = z.object({ ...unattendedSettings, onCrash });

/** Every default filled in, times as milliseconds. */
export function unattendedOptions(
  name: string,
  { timeout, retryDelay, maxWait, ...others }: z.output<typeof settings>,
): UnattendedOptions {
  const { command, select, exclude, retries, whenBusy, onCrash } = others;
  return {
    ...{ name, command, select, exclude, retries, whenBusy, onCrash },
    timeoutMs: timeout === undefined ? undefined : toMilliseconds(timeout),
    retryDelayMs: toMilliseconds(retryDelay),
    maxWaitMs: maxWait === undefined ? undefined : toMilliseconds(maxWait),
  };
}
