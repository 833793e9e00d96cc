import { z } from 'zod';
import { time, toMilliseconds } from './time.js';

/** How long a model or a load may take, and how often it is tried again. Times are like `'30 s'`, `'5min'`, `'2h'`. */
export interface AttemptConfig {
  /** A model with its tests, or a load, that takes longer fails. Default: none but `statementTimeout`. */
  readonly timeout?: string;
  /** How often it is tried again after what may pass: a lost connection, a deadlock, a server that does not answer. Default: the project's. */
  readonly retries?: number;
  /** Before the first retry; each further one waits twice as long, up to ten minutes, or this if it is more. Default `'10 s'`. */
  readonly retryDelay?: string;
}

/** The same, every default filled in. */
export interface AttemptOptions {
  /** Undefined: it takes as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly retryDelayMs: number;
}

export const retries = z.int().min(0).max(100);

export const attemptSettings = {
  timeout: time.optional(),
  retries: retries.optional(),
  retryDelay: time.optional(),
};

type Checked = { readonly [Name in keyof AttemptConfig]?: AttemptConfig[Name] | undefined };

/** What holds for something that is itself, in a layer, in a project: the nearest that says so. */
export function attemptOptions(own: Checked, general: AttemptOptions = once): AttemptOptions {
  return {
    timeoutMs: own.timeout === undefined ? general.timeoutMs : toMilliseconds(own.timeout),
    retries: own.retries ?? general.retries,
    retryDelayMs: own.retryDelay === undefined ? general.retryDelayMs : toMilliseconds(own.retryDelay),
  };
}

const once: AttemptOptions = { timeoutMs: undefined, retries: 0, retryDelayMs: 10_000 };

const longestWaitMs = 10 * 60_000;

/** How long to wait before a retry in milliseconds: twice as long each time, up to ten minutes or what the first one waited. @param retry its number, from 1 */
export function retryWaitMs({ retryDelayMs }: Pick<AttemptOptions, 'retryDelayMs'>, retry: number): number {
  return Math.max(retryDelayMs, Math.min(longestWaitMs, retryDelayMs * 2 ** (retry - 1)));
}
