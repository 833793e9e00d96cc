import type { Emit } from '../events/events.js';
import type { DaemonEvent, ScheduleEvent, TriggerEvent } from '../orchestrate/events.js';
import { jsonLinesReporter } from './json-lines.js';
import type { Style } from './style.js';

/** Where the daemon, and its runs, tell what they do. */
export interface DaemonReporter {
  readonly emit: (event: DaemonEvent) => void;
  readonly emitRun?: Emit;
}

/** One event on each line, those of the runs too. */
export function daemonJsonReporter(stream: NodeJS.WritableStream): DaemonReporter {
  const { emit } = jsonLinesReporter(stream);
  return { emit: (event) => emit(event as never), emitRun: emit };
}

/** A line for what happens to a schedule or trigger; its runs are in the history. */
export function daemonTextReporter(
  output: NodeJS.WritableStream,
  errors: NodeJS.WritableStream,
  style: Style,
): DaemonReporter {
  return {
    emit(event) {
      if (event.event === 'schedule.failed' || event.event === 'trigger.failed') {
        const name = 'schedule' in event ? event.schedule : event.trigger;
        errors.write(`${name}  ${event.error.code} ${event.error.message}\n`);
        return;
      }
      const [name, text] =
        'schedule' in event
          ? [event.schedule, scheduleText(event, style)]
          : [event.trigger, triggerText(event, style)];
      output.write(`${style.bold(name)}  ${text}\n`);
    },
  };
}

type Told<Of extends DaemonEvent> = Exclude<Of, { readonly event: 'schedule.failed' | 'trigger.failed' }>;

function scheduleText(event: Told<ScheduleEvent>, style: Style): string {
  switch (event.event) {
    case 'schedule.waiting':
      return style.dim(event.next ? `next at ${event.next}` : 'is never due again');
    case 'schedule.begun':
      return `${event.due} begins`;
    case 'schedule.skipped':
      return `${event.due} ${style.yellow(skips[event.reason])}`;
    case 'schedule.retried':
      return retried(event, style);
    case 'schedule.finished':
      return `${event.due} ${finished(event, style)}`;
  }
}

function triggerText(event: Told<TriggerEvent>, style: Style): string {
  switch (event.event) {
    case 'trigger.watching':
      return style.dim(watching[event.kind](event.watches));
    case 'trigger.fired':
      return 'fired';
    case 'trigger.begun':
      return 'begins';
    case 'trigger.crashed':
      return style.yellow(skips.crashed);
    case 'trigger.retried':
      return retried(event, style);
    case 'trigger.finished':
      return finished(event, style);
  }
}

function retried({ at, attempt }: { readonly at: string; readonly attempt: number }, style: Style): string {
  return style.yellow(`failed; tried again at ${at} (attempt ${attempt})`);
}

function finished(
  { status, runId }: { readonly status: string; readonly runId: number | null },
  style: Style,
): string {
  const color = status === 'succeeded' ? style.green : style.red;
  return `${color(outcomes[status] ?? status)}${runId === null ? '' : `: npx mdl runs show ${runId}`}`;
}

const outcomes: Readonly<Record<string, string>> = {
  busy: 'left out: another run went on',
  overtaken: 'interrupted: the next one came due',
};

const skips = {
  overlap: 'skipped: the run before still goes on',
  missed: 'missed: nobody was there',
  crashed: 'crashed',
} as const;

const watching: Readonly<Record<'listen' | 'files' | 'webhook', (watches: string) => string>> = {
  listen: (channel) => `listens to the channel ${channel}`,
  files: (pattern) => `watches ${pattern}`,
  webhook: (path) => `waits for POST ${path}, which mdl serve receives`,
};
