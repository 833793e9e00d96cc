import { z } from 'zod';
import { didYouMean, MedallionError } from '../errors/index.js';
import type { TriggerOptions } from './options.js';
import { time, toMilliseconds } from './time.js';
import { onCrash, unattendedOptions, unattendedSettings } from './unattended-schema.js';

const webhook = z.strictObject({
  secret: z
    .string('must be set: is the environment variable there?')
    .regex(/^\S{16,}$/, 'must have 16 characters or more, and no spaces'),
});

const settings = z.strictObject({
  // Postgres cuts longer names off.
  listen: z.string().min(1).max(63).optional(),
  files: z.string().min(1).optional(),
  webhook: webhook.optional(),
  source: z.string().min(1).optional(),
  ...unattendedSettings,
  onCrash: onCrash.default('rerun'),
  debounce: time.default('2 s'),
});

const trigger = settings.refine(
  ({ listen, files, webhook }) => [listen, files, webhook].filter((kind) => kind !== undefined).length === 1,
  'needs one of listen, files and webhook',
);

/** A name is part of the address of a webhook. */
const name = z.string().regex(/^[\p{L}\p{N}_-]{1,40}$/u, 'must be letters, digits, - or _');

export const triggersSchema = z.record(name, trigger).default({});

/**
 * The triggers with every default filled in.
 * @throws MedallionError MDL1003 for a source that is not there
 */
export function triggerOptions(
  config: z.output<typeof triggersSchema>,
  sources: readonly string[],
  configFile: string,
): TriggerOptions[] {
  return Object.entries(config).map(([name, { listen, files, webhook, source, debounce, ...others }]) => {
    if (source !== undefined && !sources.includes(source))
      throw new MedallionError('MDL1003', {
        message: `triggers.${name}.source: there is no source "${source}".`,
        where: { file: configFile },
        hint: didYouMean(source, sources),
      });
    const select = source === undefined ? others.select : [...others.select, `source:${source}+`];
    return {
      ...unattendedOptions(name, { ...others, select }),
      ...(listen !== undefined
        ? { kind: 'listen' as const, watches: listen }
        : files !== undefined
          ? { kind: 'files' as const, watches: files }
          : { kind: 'webhook' as const, watches: `/hooks/${name}`, secret: webhook!.secret }),
      debounceMs: toMilliseconds(debounce),
    };
  });
}

/** The settings that a trigger, or its webhook, knows. */
export function knownTriggerKeys(path: readonly PropertyKey[]): string[] {
  return Object.keys(path[1] === 'webhook' ? webhook.shape : settings.shape);
}
