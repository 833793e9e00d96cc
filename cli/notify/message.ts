import { type ErrorRecord, formatWhere } from '../errors/index.js';
import type { Occasion, TestResult } from '../events/events.js';
import type { Finding } from '../events/findings.js';
import { onOneLine } from '../text/controls.js';
import { formatDuration, formatNumber, plural } from '../text/format.js';
import { clip } from './clip.js';
import type { RunReport } from './report.js';
import { type MessageRows, messageRows } from './rows.js';

/** Something that failed or warns, in words. */
export interface Problem {
  /** `silver.clientes` */
  readonly node: string;
  /** `unique (id_cliente): 3 failures` */
  readonly headline: string;
  /** `MDL4101` */
  readonly code?: string | undefined;
  /** `models/silver/clientes.sql:5` */
  readonly place?: string | undefined;
  readonly hint?: string | undefined;
  readonly rows?: MessageRows | undefined;
  /** `the first 5 of 1,204` */
  readonly rest?: string | undefined;
}

/** What a channel tells people, before it is brought into the channel's form. */
export interface Message {
  readonly occasion: Occasion;
  /** One line. */
  readonly title: string;
  /** `run 42`, `schedule nightly`, `3.2 s` */
  readonly facts: readonly string[];
  readonly problems: readonly Problem[];
  /** Problems that are left out. */
  readonly more: number;
  /** What readers see now. */
  readonly outcome: string;
  /** How to see more. */
  readonly command: string | undefined;
  readonly link: string | undefined;
}

const maxProblems = 10;
const maxText = 500;

/**
 * Puts a run into words.
 * @param rows failing rows of each test at most
 */
export function messageOf(
  report: RunReport,
  occasion: Occasion,
  { rows, publicUrl }: { readonly rows: number; readonly publicUrl: string | undefined },
): Message {
  const findings = occasion === 'failure' ? report.failures : occasion === 'warning' ? report.warnings : [];
  const problems = [
    ...(occasion === 'failure' && report.error && !isTold(report) ? [errorProblem('', report.error)] : []),
    ...findings.flatMap((finding) => problemsOf(finding, rows)),
  ];
  const { runId } = report;
  return {
    occasion,
    title: titleOf(report, occasion, problems),
    facts: factsOf(report),
    problems: problems.slice(0, maxProblems),
    more: Math.max(0, problems.length - maxProblems),
    outcome: outcomeOf(report),
    command: runId === null ? undefined : `npx mdl runs show ${runId}`,
    link: runId === null || publicUrl === undefined ? undefined : `${publicUrl}/ui/runs/${runId}`,
  };
}

/** A message of no run, to try a channel. */
export function testMessage(project: string, channel: string, publicUrl: string | undefined): Message {
  return {
    occasion: 'test',
    title: `${project}: a test of the channel ${channel}`,
    facts: [],
    problems: [],
    more: 0,
    outcome: 'Nothing has happened: somebody called mdl notify. Whoever reads this will be told of runs.',
    command: undefined,
    link: publicUrl,
  };
}

/** The error that ended the run is also that of a hook. */
function isTold({ error, failures }: RunReport): boolean {
  return failures.some((failure) => failure.error?.message === error?.message);
}

function titleOf(report: RunReport, occasion: Occasion, problems: readonly Problem[]): string {
  const { project, target, command, warnings } = report;
  const who = `${project}${target === 'default' ? '' : ` (${target})`}: ${command}`;
  if (occasion === 'failure') {
    const first = problems[0];
    const what = report.status === 'timed out' ? 'took too long' : 'failed';
    const why = first ? `: ${[first.node, first.headline].filter((part) => part !== '').join(', ')}` : '';
    return clip(onOneLine(`${who} ${what}${why}`), 150);
  }
  if (occasion === 'recovery') return `${who} works again`;
  if (occasion === 'warning')
    return `${who} succeeded, ${plural(warnings.length, 'node warns', 'nodes warn')}`;
  return `${who} succeeded`;
}

function factsOf(report: RunReport): string[] {
  const { runId, cause, selection, startedAt, durationMs, counts } = report;
  const tests = counts.testsPassed + counts.testsWarned + counts.testsFailed;
  return [
    ...(runId === null ? [] : [`run ${runId}`]),
    cause,
    ...(selection === null ? [] : [`only ${clip(onOneLine(selection), 100)}`]),
    ...(counts.failed + counts.skipped > 0
      ? [`${formatNumber(counts.failed)} failed, ${formatNumber(counts.skipped)} skipped`]
      : []),
    ...(tests > 0
      ? [
          [
            `${plural(counts.testsPassed, 'test')} passed`,
            ...(counts.testsWarned > 0 ? [`${formatNumber(counts.testsWarned)} warned`] : []),
            ...(counts.testsFailed > 0 ? [`${formatNumber(counts.testsFailed)} failed`] : []),
          ].join(', '),
        ]
      : []),
    formatDuration(durationMs),
    `began ${utc(startedAt)}`,
  ];
}

function outcomeOf({ published, readersSee, status, command }: RunReport): string {
  if (published.length > 0)
    return status === 'succeeded'
      ? `Published ${plural(published.length, 'model')}.`
      : `Published ${plural(published.length, 'model')} all the same; readers see the rest as before.`;
  if (status === 'succeeded')
    return command === 'load' ? 'Bronze is loaded.' : 'Nothing was to be published.';
  if (readersSee === undefined) return 'Nothing was published: readers see what they saw before.';
  return readersSee === null
    ? 'Nothing was published, and nothing has been before.'
    : `Nothing was published: readers still see run ${readersSee.runId} (${utc(readersSee.publishedAt)}).`;
}

/** `2026-03-01 09:12 UTC` */
function utc(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

function problemsOf({ node, error, tests, rejected }: Finding, rows: number): Problem[] {
  return [
    ...(error ? [errorProblem(node, error)] : []),
    ...tests.map((result) => testProblem(node, result, rows)),
    ...(rejected && !error ? [{ node, headline: `${plural(rejected, 'row')} rejected` }] : []),
  ];
}

function errorProblem(node: string, { code, message, where, hint, postgres }: ErrorRecord): Problem {
  const detail = postgres?.detail ? ` (${postgres.detail})` : '';
  // The node is named beside it.
  const prefix = [`${node}: `, `The hook ${node} failed: `].find((words) => message.startsWith(words)) ?? '';
  const own = node === '' ? message : message.slice(prefix.length);
  return {
    node,
    headline: clip(onOneLine(`${own}${detail}`), maxText),
    code,
    place: where && formatWhere(where),
    hint: clip(onOneLine(hint), maxText),
  };
}

function testProblem(node: string, result: TestResult, limit: number): Problem {
  if (result.error) return errorProblem(node, result.error);
  const rows = messageRows(result.samples, limit);
  const shown = rows?.rows.length ?? 0;
  return {
    node,
    headline: clip(onOneLine(`${result.title}: ${plural(result.failures, 'failure')}`), maxText),
    code: result.status === 'failed' ? 'MDL4101' : undefined,
    place: result.where && formatWhere(result.where),
    rows,
    rest:
      rows && shown < result.failures
        ? `the first ${formatNumber(shown)} of ${formatNumber(result.failures)}`
        : undefined,
  };
}
