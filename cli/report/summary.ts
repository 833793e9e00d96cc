import type { Event, PublishedState, TestResult } from '../events/events.js';
import { formatDuration, formatNumber, plural } from '../text/format.js';
import { afterPlan, type CommandFor, plainCommand } from './plan.js';
import type { Style } from './style.js';

type Of<Name extends Event['event']> = Extract<Event, { event: Name }>;

/** The commands that lead on from a run. */
export interface Hints {
  /** The same run once more, keeping the failing rows. */
  readonly keepRows: string;
  /** What a run did, with the failing rows that it kept. */
  showRun(runId: number): string;
  /** Another command on the same project and target. */
  readonly command: CommandFor;
}

/** The last lines of a run: what was published, what was counted, what to do next. */
export function summaryLines(
  style: Style,
  hints: Hints | undefined,
): {
  note(event: Event): void;
  lines(event: Of<'run.finished'>): string[];
} {
  let published: Of<'publish.finished'> | undefined;
  let isPlan = false;
  let hasModels = false;
  let hookFailed = false;
  const failed: TestResult[] = [];
  return {
    note(event) {
      if (event.event === 'publish.finished') published = event;
      if (event.event === 'plan.made') isPlan = true;
      if (event.event === 'hook.finished' && event.status === 'failed') hookFailed = true;
      if (event.event === 'model.started' || (event.event === 'node.skipped' && event.kind === 'model'))
        hasModels = true;
      if (event.event === 'model.finished') failed.push(...event.tests.filter(isFailed));
      if (event.event === 'test.finished') failed.push(...event.results.filter(isFailed));
    },
    lines(event) {
      const { counts } = event;
      const facts = [
        ...(counts.loads > 0
          ? [
              counts.rowsChanged > 0
                ? `${plural(counts.rowsRead, 'row')} read, ${formatNumber(counts.rowsChanged)} new or changed`
                : `${plural(counts.rowsRead, 'row')} in bronze, nothing new`,
            ]
          : []),
        ...(counts.rejected > 0 ? [style.yellow(`${plural(counts.rejected, 'row')} rejected`)] : []),
        ...(counts.testsPassed + counts.testsWarned + counts.testsFailed > 0
          ? [
              [
                `${plural(counts.testsPassed, 'test')} passed`,
                ...(counts.testsWarned > 0 ? [style.yellow(`${counts.testsWarned} warned`)] : []),
                ...(counts.testsFailed > 0 ? [style.red(`${counts.testsFailed} failed`)] : []),
              ].join(', '),
            ]
          : []),
      ];
      const counted = facts.length > 0 ? `${facts.join('; ')}. ` : '';
      const total = `${formatDuration(event.durationMs)} in all.`;
      if (event.status === 'interrupted')
        return [
          '',
          published
            ? `${style.yellow(`Published ${plural(published.nodes.length, 'model')}, then interrupted.`)} ${total}`
            : `${style.yellow('Interrupted, nothing published:')} ${stillSeen(event.readersSee)} ${total}`,
        ];
      if (event.status === 'failed') {
        const onlyHooks = counts.failed + counts.testsFailed === 0 && hookFailed;
        const some = published
          ? onlyHooks
            ? `Published ${plural(published.nodes.length, 'model')}, which readers see; ${style.red('a hook failed after that')}.`
            : `${style.yellow(`Published ${plural(published.nodes.length, 'model')}`)}; what failed and what reads it stayed as it was.`
          : hasModels || counts.failed === 0
            ? `${style.red('Nothing was published:')} ${stillSeen(event.readersSee)}`
            : `${style.red('What failed to load stayed as it was')}${counts.loads > 0 ? '; the other bronze tables are loaded' : ''}.`;
        const nodes =
          counts.failed + counts.skipped > 0
            ? `${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}. `
            : '';
        return [
          '',
          some,
          `${nodes}${counted}${total}`,
          ...rowsLine(failed, event.runId, hints).map(style.dim),
        ];
      }
      const headline = published
        ? `${style.green(style.bold(`Published ${plural(published.nodes.length, 'model')}`))} in ${formatDuration(published.durationMs)}${published.attempts > 1 ? ` (readers held locks: attempt ${published.attempts})` : ''}${byDelta(published)}. `
        : !isPlan && counts.models + counts.unchanged > 0
          ? `${style.green(style.bold('Nothing to publish'))}: readers see these rows already. `
          : '';
      const next = isPlan
        ? [style.dim(afterPlan(hints?.command))]
        : nextLine(published, style, hints?.command);
      return ['', `${headline}${counted}${total}`, ...next];
    },
  };
}

const isFailed = ({ status }: TestResult) => status === 'failed';

/** Names the command that shows the failing rows; nothing where the lines above told them all. */
function rowsLine(failed: readonly TestResult[], runId: number | null, hints: Hints | undefined): string[] {
  if (!hints || runId === null) return [];
  if (failed.some(({ stored }) => stored)) return [`See the rows: ${hints.showRun(runId)}`];
  return failed.some(({ failures, samples }) => failures > samples.length)
    ? [`Keep all failing rows: ${hints.keepRows}`]
    : [];
}

function nextLine(
  published: Of<'publish.finished'> | undefined,
  style: Style,
  command: CommandFor = plainCommand,
): string[] {
  const last = published?.nodes.at(-1);
  return last ? [style.dim(`Next: ${command('show', last)}, ${command('serve')}`)] : [];
}

/** `, 3 of them by delta: 12 rows`: how many rows were written where only those that differ are. */
function byDelta({ nodes, how }: Of<'publish.finished'>): string {
  const deltas = how.filter((published) => published.how === 'delta');
  if (deltas.length === 0) return '';
  const rows = deltas.reduce(
    (sum, { inserted = 0, updated = 0, deleted = 0 }) => sum + inserted + updated + deleted,
    0,
  );
  const which = deltas.length < nodes.length ? `, ${deltas.length} of them` : '';
  return `${which} by delta: ${plural(rows, 'row')}`;
}

function stillSeen(state: PublishedState | null | undefined): string {
  // The database was not reached: what readers see is what they saw.
  if (state === undefined) return 'readers see what they saw before.';
  return state
    ? `readers still see run ${state.runId} (${formatDay(new Date(state.publishedAt))}).`
    : 'nothing has been published before.';
}

/** `today 09:12`, `2026-03-01 09:12`: local time. */
export function formatDay(date: Date, now = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day === today ? 'today' : day} ${time}`;
}
