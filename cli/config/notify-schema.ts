import { z } from 'zod';
import { time, toMilliseconds } from './time.js';

/** How a channel is reached, all of it known. */
export type ChannelAddress =
  | { readonly kind: 'slack'; readonly url: string }
  | {
      readonly kind: 'webhook';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly secret: string | undefined;
    }
  | {
      readonly kind: 'email';
      readonly to: readonly string[];
      readonly from: string;
      readonly smtp: string | Readonly<Record<string, unknown>>;
    };

/** Somebody who is told of runs, every default filled in. */
export interface ChannelOptions {
  readonly name: string;
  readonly kind: ChannelAddress['kind'];
  /** Undefined: the channel is off, because of `missing`. */
  readonly address: ChannelAddress | undefined;
  /** The setting that has no value, mostly a variable of the environment that is not set: `slack`. */
  readonly missing: string | undefined;
  readonly on: readonly ('failure' | 'recovery' | 'warning' | 'success' | 'always')[];
  readonly commands: readonly string[] | undefined;
  readonly targets: readonly string[] | undefined;
  readonly unattended: boolean;
  readonly repeat: boolean;
  readonly rows: number;
  readonly timeoutMs: number;
}

const longestMs = 30_000;
const occasion = z.enum(['failure', 'recovery', 'warning', 'success', 'always']);
const names = z.array(z.string().min(1)).min(1);
/** Empty counts as absent: SLACK_URL= in an environment file. */
const present = <Value extends z.ZodType>(value: Value) =>
  z.preprocess((given) => (given === '' ? undefined : given), value.optional());
const url = present(z.url({ protocol: /^https?$/, error: 'must be an address with http or https' }));
const address = z
  .string()
  .regex(/^[^\r\n]*[^\s@]@[^\s@]+$/, 'must be an e-mail address')
  .or(z.string().regex(/^[^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>$/, 'must be an e-mail address'));

const settings = {
  on: z.preprocess((value) => [value].flat(), z.array(occasion).min(1)).prefault(['failure', 'recovery']),
  commands: z
    .array(z.enum(['build', 'load', 'run']))
    .min(1)
    .optional(),
  targets: names.optional(),
  unattended: z.boolean().default(false),
  repeat: z.boolean().default(true),
  rows: z.int().min(0).max(5).default(5),
  timeout: time
    .refine((text) => toMilliseconds(text) <= longestMs, 'must be 30 s or less')
    .default(`${longestMs / 1000} s`),
};

const webhook = z.strictObject({
  url,
  headers: z
    .record(z.string().regex(/^[\w-]+$/, 'must be the name of a header'), present(z.string()))
    .default({}),
  secret: present(z.string()),
});

const email = z.strictObject({
  to: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.union([address, z.array(address).min(1)]).optional(),
  ),
  from: present(address),
  smtp: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z
      .union([
        z.string().regex(/^smtps?:\/\/\S+$/, 'must be smtp://... or smtps://..., or options of nodemailer'),
        z.looseObject({}),
      ])
      .optional(),
  ),
});

const channels = {
  slack: z.strictObject({ slack: url, ...settings }),
  webhook: z.strictObject({
    webhook: z.preprocess((value) => (typeof value === 'object' ? value : { url: value }), webhook),
    ...settings,
  }),
  email: z.strictObject({ email, ...settings }),
};
const kinds = Object.keys(channels) as (keyof typeof channels)[];

/** Its kind is told by which of the keys it has, also when that has no value. */
const channel = z.unknown().transform((value, context) => {
  const given = typeof value === 'object' && value !== null ? value : {};
  const [kind, ...others] = kinds.filter((name) => name in given);
  if (kind === undefined || others.length > 0) {
    context.addIssue(`needs one of ${kinds.join(', ')}`);
    return z.NEVER;
  }
  const checked = channels[kind].safeParse(value);
  if (checked.success)
    return { kind, given: given as Readonly<Record<string, unknown>>, value: checked.data };
  for (const issue of checked.error.issues) context.addIssue(issue as never);
  return z.NEVER;
});

const name = z.string().regex(/^[\p{L}_][\p{L}\p{N}_-]{0,40}$/u, 'must be letters, digits, - or _');

/** Channels by name. */
export const notifySchema = z.record(name, channel);

/** The channels with every default filled in, and those that are off. */
export function channelOptions(config: z.output<typeof notifySchema>): ChannelOptions[] {
  return Object.entries(config).map(([name, { kind, given, value }]) => {
    const missing = missingOf(kind, given[kind]);
    const { on, commands, targets, unattended, repeat, rows, timeout } = value;
    return {
      ...{ name, kind, missing, on, commands, targets, unattended, repeat, rows },
      address: missing === undefined ? addressOf(value) : undefined,
      timeoutMs: toMilliseconds(timeout),
    };
  });
}

/** What has a key and no value, or no key and is needed. */
function missingOf(kind: keyof typeof channels, given: unknown): string | undefined {
  const isMissing = (value: unknown) => value === undefined || value === '';
  if (typeof given !== 'object' || given === null) return isMissing(given) ? kind : undefined;
  const needed = { slack: [], webhook: ['url'], email: ['to', 'from', 'smtp'] }[kind];
  const parts = given as Readonly<Record<string, unknown>>;
  const part = [...new Set([...needed, ...Object.keys(parts)])].find((key) => isMissing(parts[key]));
  if (part !== undefined) return `${kind}.${part}`;
  const headers = Object.entries((parts.headers ?? {}) as object).find(([, value]) => isMissing(value));
  return headers && `${kind}.headers.${headers[0]}`;
}

type Checked = z.output<(typeof channels)[keyof typeof channels]>;

/** Expects that nothing is missing. */
function addressOf(value: Checked): ChannelAddress {
  if ('email' in value) {
    const { to, from, smtp } = value.email;
    return { kind: 'email', to: [to!].flat(), from: from!, smtp: smtp! };
  }
  if (!('webhook' in value)) return { kind: 'slack', url: value.slack! };
  const { url, headers, secret } = value.webhook;
  return { kind: 'webhook', url: url!, headers: headers as Readonly<Record<string, string>>, secret };
}

/** The settings that a channel, or a part of it, knows. */
export function knownNotifyKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 1) return [...kinds, ...Object.keys(settings)];
  if (path[1] === 'webhook') return Object.keys(webhook.shape);
  return path[1] === 'email' ? Object.keys(email.shape) : [];
}
