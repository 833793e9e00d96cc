import type { RunCounts, RunSummary } from '../../../serve/ui/runs/shapes.ts';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';

/** What began a run, in words: `schedule nightly`. */
export function describeCause(cause: string): string {
  const words = texts.value.runs.cause;
  const [kind, ...rest] = cause.split(' ');
  const name = rest.join(' ');
  if (cause === 'by hand') return words.byHand;
  if (cause === 'web') return words.web;
  if (cause === 'retry') return words.retry;
  if (kind === 'schedule' && name) return words.schedule(name);
  if (kind === 'trigger' && name) return words.trigger(name);
  return cause;
}

/** `build gold.vendas+`: as it would be typed. */
export function describeCommand({ command, selection, target }: RunSummary): string {
  return [command, selection, target === 'default' ? null : `--target ${target}`].filter(Boolean).join(' ');
}

/** `11 models, 105,500 rows read, 46 tests passed`, what is bad first. */
export function describeCounts(
  counts: RunCounts,
): readonly { readonly text: string; readonly tone: string }[] {
  const words = texts.value.runs.counts;
  const plain = (n: number, text: string, tone = '') => (n > 0 ? [{ text, tone }] : []);
  const { failed, skipped, models, rowsRead, rowsChanged, rejected } = counts;
  const { testsPassed, testsWarned, testsFailed } = counts;
  const parts = [
    ...plain(failed, words.failed(failed, formatNumber(failed)), 'bad'),
    ...plain(testsFailed, words.testsFailed(testsFailed, formatNumber(testsFailed)), 'bad'),
    ...plain(testsWarned, words.warned(testsWarned, formatNumber(testsWarned)), 'warn'),
    ...plain(rejected, words.rejected(rejected, formatNumber(rejected)), 'warn'),
    ...plain(skipped, words.skipped(formatNumber(skipped))),
    ...plain(models, words.models(models, formatNumber(models))),
    ...plain(rowsRead, words.rowsRead(rowsRead, formatNumber(rowsRead))),
    ...plain(rowsChanged, words.rowsChanged(formatNumber(rowsChanged))),
    ...plain(testsPassed, words.passed(testsPassed, formatNumber(testsPassed))),
  ];
  return parts.length > 0 ? parts : [{ text: words.nothing, tone: '' }];
}

export function durationOf({ startedAt, finishedAt }: RunSummary, now: number): number {
  return Math.max(0, (finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt));
}
