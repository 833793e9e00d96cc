import type { MedallionError } from '../errors/index.js';
import type { OccurrenceStatus } from './occurrences.js';

/** Of a run that nobody watches: what schedules and triggers tell alike. */
interface Finished {
  readonly status: OccurrenceStatus;
  readonly attempts: number;
  readonly runId: number | null;
}

/** What the daemon tells of a schedule. Times are ISO 8601. */
export type ScheduleEvent =
  | {
      readonly event: 'schedule.waiting';
      readonly schedule: string;
      /** Null: never again. */
      readonly next: string | null;
    }
  | { readonly event: 'schedule.begun'; readonly schedule: string; readonly due: string }
  | {
      readonly event: 'schedule.skipped';
      readonly schedule: string;
      readonly due: string;
      readonly reason: 'overlap' | 'missed' | 'crashed';
    }
  | {
      readonly event: 'schedule.retried';
      readonly schedule: string;
      readonly attempt: number;
      readonly at: string;
    }
  | ({ readonly event: 'schedule.finished'; readonly schedule: string; readonly due: string } & Finished)
  | { readonly event: 'schedule.failed'; readonly schedule: string; readonly error: MedallionError };

/** What the daemon tells of a trigger. */
export type TriggerEvent =
  | {
      readonly event: 'trigger.watching';
      readonly trigger: string;
      readonly kind: 'listen' | 'files' | 'webhook';
      /** The channel, the pattern, or the path of the webhook. */
      readonly watches: string;
    }
  | { readonly event: 'trigger.fired'; readonly trigger: string }
  | { readonly event: 'trigger.begun'; readonly trigger: string }
  | { readonly event: 'trigger.crashed'; readonly trigger: string }
  | {
      readonly event: 'trigger.retried';
      readonly trigger: string;
      readonly attempt: number;
      readonly at: string;
    }
  | ({ readonly event: 'trigger.finished'; readonly trigger: string } & Finished)
  | { readonly event: 'trigger.failed'; readonly trigger: string; readonly error: MedallionError };

export type DaemonEvent = ScheduleEvent | TriggerEvent;
