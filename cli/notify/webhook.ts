import { createHmac, randomUUID } from 'node:crypto';
import type { ErrorRecord, Where } from '../errors/index.js';
import type { Occasion, PublishedState, RunCounts, TestResult } from '../events/events.js';
import type { Finding } from '../events/findings.js';
import type { Message } from './message.js';
import type { RunReport } from './report.js';

/** What a webhook is sent; docs/notifications.md tells of it, and it only grows while `version` is 1. */
export interface WebhookBody {
  readonly version: 1;
  readonly occasion: Occasion;
  /** One line for people. */
  readonly title: string;
  readonly project: string;
  /** ISO 8601. */
  readonly sentAt: string;
  /** Null in a test. */
  readonly run: {
    readonly id: number | null;
    readonly command: string;
    readonly target: string;
    readonly cause: string;
    readonly selection: string | null;
    readonly status: RunReport['status'];
    readonly startedAt: string;
    readonly durationMs: number;
    readonly url: string | null;
  } | null;
  readonly counts: RunCounts | null;
  readonly error: ErrorRecord | null;
  readonly failures: readonly WebhookFinding[];
  readonly warnings: readonly WebhookFinding[];
  readonly published: readonly string[];
  readonly readersSee: PublishedState | null;
}

interface WebhookFinding {
  readonly node: string;
  readonly kind: Finding['kind'];
  readonly rejected?: number;
  readonly error?: ErrorRecord;
  readonly tests: readonly {
    readonly title: string;
    readonly status: TestResult['status'];
    readonly severity: TestResult['severity'];
    readonly failures: number;
    readonly where?: Where;
    readonly error?: ErrorRecord;
    readonly rows: TestResult['samples'];
  }[];
}

/** More would be no message: the history has it all. */
const maxFindings = 50;
const maxTests = 20;
const maxColumns = 50;
/** Of all rows together; receivers refuse large bodies. */
const maxRowsLength = 50_000;

export function webhookBody(
  project: string,
  message: Message,
  report: RunReport | undefined,
  rows: number,
): WebhookBody {
  const { occasion, title, link = null } = message;
  let room = maxRowsLength;
  const fits = (row: object) => {
    room -= JSON.stringify(row).length;
    return room >= 0;
  };
  const finding = (found: Finding) => webhookFinding(found, rows, fits);
  return {
    version: 1,
    occasion,
    title,
    project,
    sentAt: new Date().toISOString(),
    run: report
      ? {
          id: report.runId,
          command: report.command,
          target: report.target,
          cause: report.cause,
          selection: report.selection,
          status: report.status,
          startedAt: report.startedAt,
          durationMs: Math.round(report.durationMs),
          url: link,
        }
      : null,
    counts: report?.counts ?? null,
    error: report?.error ?? null,
    failures: report?.failures.slice(0, maxFindings).map(finding) ?? [],
    warnings: report?.warnings.slice(0, maxFindings).map(finding) ?? [],
    published: report?.published ?? [],
    readersSee: report?.readersSee ?? null,
  };
}

function webhookFinding(
  { node, kind, rejected, error, tests }: Finding,
  rows: number,
  fits: (row: object) => boolean,
): WebhookFinding {
  return {
    node,
    kind,
    ...(rejected ? { rejected } : {}),
    ...(error && { error }),
    tests: tests.slice(0, maxTests).map((result) => ({
      title: result.title,
      status: result.status,
      severity: result.severity,
      failures: result.failures,
      ...(result.where && { where: result.where }),
      ...(result.error && { error: result.error }),
      rows: result.samples
        .slice(0, rows)
        .map((sample) => Object.fromEntries(Object.entries(sample).slice(0, maxColumns)))
        .filter(fits),
    })),
  };
}

/**
 * The headers of a delivery. They are the same in each attempt, so that a receiver can tell one that it has had.
 * @param secret signs the body's bytes: HMAC-SHA256, in hexadecimal
 */
export function webhookHeaders(
  body: string,
  occasion: Occasion,
  secret: string | undefined,
): Readonly<Record<string, string>> {
  return {
    'x-mdl-occasion': occasion,
    'x-mdl-delivery': randomUUID(),
    ...(secret !== undefined && {
      'x-mdl-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    }),
  };
}
