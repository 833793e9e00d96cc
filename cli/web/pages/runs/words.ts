import type { Event, RunEvent, TestResult } from '../../../serve/ui/runs/shapes.ts';
import { formatDuration, formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

export interface Line {
  readonly seq: number;
  readonly at: number;
  /** Null: of the run itself. */
  readonly node: string | null;
  readonly text: string;
  readonly tone: Tone;
}

let known = new WeakMap<RunEvent, Line>();
let knownIn: unknown;

/** Events in words of the language. With each that comes the others are asked for again: they are kept. */
export function toLines(events: readonly RunEvent[]): readonly Line[] {
  if (knownIn !== texts.value) {
    known = new WeakMap();
    knownIn = texts.value;
  }
  return events.map((event) => {
    const line = known.get(event) ?? toLine(event);
    known.set(event, line);
    return line;
  });
}

function toLine({ seq, at, event }: RunEvent): Line {
  const [text, tone] = say(event);
  return { seq, at: Date.parse(at), node: nodeOf(event), text, tone: tone ?? 'plain' };
}

/** The node that an event tells of; null: of the run itself. */
export function nodeOf(event: Event): string | null {
  return 'node' in event && typeof event.node === 'string' ? event.node : null;
}

type Said = readonly [text: string, tone?: Tone];

function say(event: Event): Said {
  const words = texts.value.runs.events;
  switch (event.event) {
    case 'run.waiting':
      return [words.waiting(event.holder)];
    case 'run.started':
      return [words.started(event.nodes.length, formatNumber(event.nodes.length), event.database)];
    case 'notice':
      return [joined([event.message, event.hint], ' '), 'warn'];
    case 'load.started':
      return [
        joined([
          words.loadStarted(event.source, event.strategy),
          event.resumedAt && words.resumed(formatNumber(event.resumedAt)),
        ]),
      ];
    case 'load.progress':
      return [words.progress(event.rows, formatNumber(event.rows), share(event))];
    case 'load.finished':
      return sayLoaded(event);
    case 'model.started':
      return [words.modelStarted(event.materialized)];
    case 'model.finished':
      return sayBuilt(event);
    case 'tests.started':
      return [words.testing(event.nodes.length, formatNumber(event.nodes.length))];
    case 'test.finished':
      return [
        joined([words.tested(formatDuration(event.durationMs)), ...tested(event.results)]),
        toneOf(event.results),
      ];
    case 'node.skipped':
      return [
        `${words.skipped} ${event.because.length > 0 ? words.becauseOf(event.because.join(', ')) : words.runStopped}`,
        'warn',
      ];
    case 'publish.retried':
      return [
        event.error
          ? joined([
              words.retried(formatNumber(event.attempt + 1)),
              words.retriedAfter(formatDuration(event.waitedMs)),
              event.error.message,
            ])
          : words.publishRetried(formatNumber(event.attempt), formatDuration(event.waitedMs)),
        'warn',
      ];
    case 'publish.finished':
      return [
        words.published(
          event.nodes.length,
          formatNumber(event.nodes.length),
          formatDuration(event.durationMs),
        ),
        'good',
      ];
    case 'publish.refused':
      return [
        joined([
          words.refused(event.because.join(', ')),
          event.readersSee && words.stillSee(String(event.readersSee.runId)),
        ]),
        'bad',
      ];
    case 'plan.made':
      return [words.planned, 'good'];
    case 'run.finished':
      return sayEnded(event);
    case 'node.retried':
      return [
        joined([
          words.retried(formatNumber(event.attempt)),
          words.retriedAfter(formatDuration(event.waitMs)),
          event.error.message,
        ]),
        'warn',
      ];
    case 'hook.started':
      return [words.hookStarted(event.hook, event.moment)];
    case 'hook.finished': {
      const took = formatDuration(event.durationMs);
      return event.status === 'succeeded'
        ? [words.hookEnded(event.hook, took), 'good']
        : [joined([words.hookFailed(event.hook, took), event.error?.message]), 'bad'];
    }
    case 'notification.sent':
      return [words.notified(event.channel, event.kind)];
    default:
      return [unknown(event)];
  }
}

/** What a newer mdl has told is shown as it is. */
function unknown(event: never): string {
  const { event: name, ...rest } = event as { readonly event: string };
  return `${name} ${JSON.stringify(rest)}`;
}

function sayLoaded(event: Extract<Event, { event: 'load.finished' }>): Said {
  const words = texts.value.runs.events;
  const took = formatDuration(event.durationMs);
  if (event.status === 'failed') return [joined([words.failed(took), event.error?.message]), 'bad'];
  if (event.status === 'interrupted') return [words.stopped(took), 'warn'];
  const counted = (count: number | undefined, word: (count: string) => string) =>
    count ? word(formatNumber(count)) : undefined;
  return [
    joined([
      words.loaded(event.read, formatNumber(event.read), took),
      counted(event.inserted, words.new),
      counted(event.updated, words.updated),
      counted(event.unchanged, words.unchanged),
      counted(event.deleted, words.deleted),
      counted(event.rejected, words.rejected),
    ]),
    event.rejected > 0 ? 'warn' : 'good',
  ];
}

function sayBuilt(event: Extract<Event, { event: 'model.finished' }>): Said {
  const words = texts.value.runs.events;
  const took = formatDuration(event.durationMs);
  const rows = event.rows === undefined ? undefined : words.rows(event.rows, formatNumber(event.rows));
  switch (event.status) {
    case 'failed':
      return [joined([words.failed(took), event.error?.message, ...tested(event.tests)]), 'bad'];
    case 'interrupted':
      return [words.stopped(took), 'warn'];
    case 'skipped':
      return [words.skipped, 'warn'];
    case 'unchanged':
      return [joined([words.same, event.reason])];
    case 'succeeded':
      return [joined([words.built(took), rows, ...tested(event.tests)]), toneOf(event.tests)];
  }
}

function sayEnded(event: Extract<Event, { event: 'run.finished' }>): Said {
  const words = texts.value.runs.events;
  const took = formatDuration(event.durationMs);
  if (event.status === 'succeeded') return [words.succeeded(took), 'good'];
  return event.status === 'failed'
    ? [joined([words.runFailed(took), event.error?.message]), 'bad']
    : [words.interrupted(took), 'warn'];
}

function tested(results: readonly TestResult[]): string[] {
  const words = texts.value.runs.events;
  const of = (...statuses: TestResult['status'][]) =>
    results.filter(({ status }) => statuses.includes(status));
  const names = (found: readonly TestResult[]) =>
    found.map(({ title, failures }) => `${title}: ${formatNumber(failures)}`).join('; ');
  const [passed, warned, failed] = [of('passed'), of('warned'), of('failed', 'errored')];
  return [
    ...(passed.length > 0 ? [words.passed(passed.length, formatNumber(passed.length))] : []),
    ...(warned.length > 0 ? [words.warned(names(warned))] : []),
    ...(failed.length > 0 ? [words.testsFailed(names(failed))] : []),
  ];
}

function toneOf(results: readonly TestResult[]): Tone {
  if (results.some(({ status }) => status === 'failed' || status === 'errored')) return 'bad';
  return results.some(({ status }) => status === 'warned') ? 'warn' : 'good';
}

function share({ totalBytes, bytes, totalRows, rows }: Extract<Event, { event: 'load.progress' }>): string {
  const part = totalBytes && bytes ? bytes / totalBytes : totalRows ? rows / totalRows : undefined;
  return part === undefined
    ? ''
    : ` (${formatNumber(Math.min(part, 1), { style: 'percent', maximumFractionDigits: 0 })})`;
}

function joined(parts: readonly (string | number | null | undefined | false)[], between = ', '): string {
  return parts
    .filter((part) => part !== undefined && part !== null && part !== '' && part !== false && part !== 0)
    .join(between);
}
