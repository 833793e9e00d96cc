/** When a channel is told: `recovery` is the first run that works again, `warning` one whose tests warn or whose loads rejected rows. */
export type NotifyOccasion = 'failure' | 'recovery' | 'warning' | 'success' | 'always';

/** What all channels have in common. Times are like `'10 s'`. */
export interface ChannelSettings {
  /** Default: failure and recovery. */
  readonly on?: NotifyOccasion | readonly NotifyOccasion[];
  /** Only of these commands. Default: build, load and run. */
  readonly commands?: readonly ('build' | 'load' | 'run')[];
  /** Only of runs on these targets. Default: all. */
  readonly targets?: readonly string[];
  /** Only of runs that nobody began by hand: schedules and triggers. Default false. */
  readonly unattended?: boolean;
  /** Whether each of several failing runs in a row is told of, or the first one only. Default true. */
  readonly repeat?: boolean;
  /** Failing rows of each test, 0 to 5; they may hold personal data. Default 5. */
  readonly rows?: number;
  /** Longest time for a delivery, up to `'30 s'`; three attempts share it. Default `'30 s'`. */
  readonly timeout?: string;
}

/** An incoming webhook of Slack, or of what understands the same: Mattermost, Discord (`.../slack`). */
export interface SlackChannel extends ChannelSettings {
  readonly slack: string | undefined;
}

/** A POST of JSON; see docs/notifications.md for its shape. */
export interface WebhookChannel extends ChannelSettings {
  readonly webhook:
    | string
    | undefined
    | {
        readonly url: string | undefined;
        readonly headers?: Readonly<Record<string, string | undefined>>;
        /** Signs the body: `x-mdl-signature: sha256=...`. */
        readonly secret?: string | undefined;
      };
}

export interface EmailChannel extends ChannelSettings {
  readonly email: {
    readonly to: string | readonly string[] | undefined;
    readonly from: string | undefined;
    /** `smtps://user:password@host`, or options of a transport of nodemailer. */
    readonly smtp: string | Readonly<Record<string, unknown>> | undefined;
  };
}

/** Who is told of runs. A channel one of whose addresses or secrets is undefined is off. */
export type ChannelConfig = SlackChannel | WebhookChannel | EmailChannel;
