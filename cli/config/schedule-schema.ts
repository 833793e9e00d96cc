import { Cron } from 'croner';
import { z } from 'zod';
import type { ScheduleOptions } from './options.js';
import { time, toMilliseconds } from './time.js';
import { onCrash, unattendedOptions, unattendedSettings } from './unattended-schema.js';

const cron = z.string().superRefine((pattern, context) => {
  try {
    new Cron(pattern, { paused: true });
  } catch (cause) {
    context.addIssue(
      `is no cron expression: ${cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : cause}`,
    );
  }
});

const timezone = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}, 'must be a time zone such as "America/Recife"');

const schedule = z.strictObject({
  cron,
  timezone: timezone.default('UTC'),
  ...unattendedSettings,
  catchUp: z.enum(['last', 'all', 'none']).default('last'),
  overlap: z.enum(['skip', 'queue', 'cancel']).default('skip'),
  onCrash: onCrash.default('skip'),
  jitter: time.default('0 s'),
});

const name = z.string().regex(/^[\p{L}_][\p{L}\p{N}_ -]{0,40}$/u, 'must be letters, digits, spaces, - or _');

/** One schedule, which is called `schedule`, or several by name. */
export const scheduleSchema = z.unknown().transform((value, context) => {
  if (value === undefined) return {};
  const isOne =
    typeof value === 'object' && value !== null && typeof (value as { cron?: unknown }).cron === 'string';
  const checked = z.record(name, schedule).safeParse(isOne ? { schedule: value } : value);
  if (checked.success) return checked.data;
  for (const issue of checked.error.issues)
    context.addIssue({ ...issue, path: isOne ? issue.path.slice(1) : issue.path } as never);
  return z.NEVER;
});

/** The schedules with every default filled in. */
export function scheduleOptions(config: z.output<typeof scheduleSchema>): ScheduleOptions[] {
  return Object.entries(config).map(([name, settings]) => {
    const { cron, timezone, catchUp, overlap, jitter } = settings;
    return {
      ...unattendedOptions(name, settings),
      ...{ cron, timezone, catchUp, overlap, jitterMs: toMilliseconds(jitter) },
    };
  });
}

export const scheduleSettings = Object.keys(schedule.shape);
