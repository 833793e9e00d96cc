import type { UnattendedConfig } from './define-schedule.js';

/** What begins a run: exactly one of `listen`, `files` and `webhook`. See docs/triggers.md. */
export interface TriggerConfig extends UnattendedConfig {
  /** A channel of Postgres: `notify pedidos`. */
  readonly listen?: string;
  /** A file that appears or changes: `inbox/*.csv`, relative to the project. */
  readonly files?: string;
  /** `POST /hooks/<name>` of `mdl serve`, by whoever has the secret: at least 16 characters. */
  readonly webhook?: { readonly secret: string | undefined };
  /** Run all bronze tables of this source, and what is made of them: short for `select: ['source:<name>+']`. */
  readonly source?: string;
  /** Runs begin so much later: what fires until then is part of it. Default `'2 s'`. */
  readonly debounce?: string;
}
