import { type Attributes, type Context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { type ErrorRecord, redact } from '../../errors/index.js';
import type { Event, TestResult } from '../../events/events.js';
import type { Tracing } from './tracing.js';

/** A run as a trace: what reads its events. */
export interface RunTrace {
  readonly traceId: string;
  read(event: Event): void;
}

type Finished = Extract<Event, { event: 'load.finished' | 'model.finished' | 'test.finished' }>;

/**
 * Makes a trace of a run from what it tells: a span for the run, one for each load, model and test, one for the publish.
 * @param parent what the run is a part of: a pipeline's job, say
 */
export function traceRun(
  { tracer }: Tracing,
  { command, cause }: { command: string; cause: string },
  parent: Context,
): RunTrace {
  const root = tracer.startSpan(
    `mdl ${command}`,
    { attributes: { 'mdl.command': command, 'mdl.run.cause': cause } },
    parent,
  );
  const context = trace.setSpan(parent, root);
  /** One for all attempts of a node. */
  const open = new Map<string, Span>();
  const attempts = new Map<string, number>();
  const start = (kind: string, node: string, attributes: Attributes, startTime = Date.now()) =>
    tracer.startSpan(
      `${kind} ${node}`,
      { startTime, attributes: { 'mdl.node': node, 'mdl.kind': kind, ...attributes } },
      context,
    );
  /** Tests are told of at their end only; so are loads and models of a run that is cut short. */
  const finish = (
    kind: string,
    event: Finished,
    attributes: Attributes,
    failed: boolean,
    error?: ErrorRecord,
  ) => {
    const span = open.get(event.node) ?? start(kind, event.node, {}, Date.now() - event.durationMs);
    open.delete(event.node);
    span.setAttributes({ 'mdl.attempts': attempts.get(event.node) ?? 1, ...attributes });
    end(span, failed, error);
  };
  return {
    traceId: root.spanContext().traceId,
    read(event) {
      switch (event.event) {
        case 'run.waiting':
          root.addEvent('waits for another run');
          break;
        case 'run.started':
          root.setAttributes({
            ...{ 'mdl.run.id': event.runId, 'mdl.project': event.project, 'mdl.target': event.target },
            'mdl.run.nodes': event.nodes.length,
          });
          break;
        case 'load.started':
          if (open.has(event.node)) break;
          open.set(
            event.node,
            start('load', event.node, { 'mdl.source': event.source, 'mdl.strategy': event.strategy }),
          );
          break;
        case 'model.started':
          if (open.has(event.node)) break;
          open.set(event.node, start('model', event.node, { 'mdl.materialized': event.materialized }));
          break;
        case 'load.finished': {
          const { status, read, inserted, updated, unchanged, rejected, batches } = event;
          const rows = { read, inserted, updated, unchanged, rejected };
          finish(
            'load',
            event,
            {
              ...{ 'mdl.status': status, 'mdl.batches': batches },
              ...Object.fromEntries(Object.entries(rows).map(([name, count]) => [`mdl.rows.${name}`, count])),
            },
            status === 'failed',
            event.error,
          );
          break;
        }
        case 'model.finished': {
          const { node, status, rows, tests, error } = event;
          const span = open.get(node);
          if (span) addTests(span, tests);
          finish(
            'model',
            event,
            { 'mdl.status': status, ...(rows !== undefined && { 'mdl.rows': rows }), ...countTests(tests) },
            status === 'failed',
            error,
          );
          break;
        }
        case 'test.finished': {
          const failed = event.results.filter(({ status }) => status === 'failed' || status === 'errored');
          const span = start('test', event.node, {}, Date.now() - event.durationMs);
          addTests(span, event.results);
          open.set(event.node, span);
          finish(
            'test',
            event,
            { 'mdl.status': failed.length > 0 ? 'failed' : 'succeeded', ...countTests(event.results) },
            failed.length > 0,
            failed.find(({ error }) => error)?.error,
          );
          break;
        }
        case 'node.skipped':
          root.addEvent('skipped', {
            'mdl.node': event.node,
            'mdl.kind': event.kind,
            'mdl.because': [...event.because],
          });
          break;
        case 'hook.finished': {
          const { hook, moment, status, error } = event;
          const attributes = {
            'mdl.kind': 'hook',
            'mdl.hook': hook,
            'mdl.moment': moment,
            'mdl.status': status,
          };
          const startTime = Date.now() - event.durationMs;
          const span = tracer.startSpan(`hook ${moment}`, { startTime, attributes }, context);
          end(span, status === 'failed', error);
          break;
        }
        case 'node.retried':
          attempts.set(event.node, event.attempt);
          open
            .get(event.node)
            ?.addEvent('retried', { 'mdl.attempt': event.attempt, 'error.type': event.error.code });
          break;
        case 'publish.retried':
          root.addEvent('publish retried', {
            'mdl.attempts': event.attempt,
            'mdl.waited_ms': event.waitedMs,
          });
          break;
        case 'publish.refused':
          root.addEvent('publish refused', { 'mdl.because': [...event.because] });
          break;
        case 'publish.finished':
          end(
            tracer.startSpan(
              'publish',
              {
                startTime: Date.now() - event.durationMs,
                attributes: {
                  'mdl.kind': 'publish',
                  'mdl.nodes': event.nodes.length,
                  'mdl.attempts': event.attempts,
                },
              },
              context,
            ),
            false,
          );
          break;
        case 'run.finished': {
          for (const span of open.values()) end(span, true);
          const { status, counts, error } = event;
          root.setAttribute('mdl.status', status);
          for (const [name, count] of Object.entries(counts))
            root.setAttribute(`mdl.counts.${snake(name)}`, count);
          end(root, status !== 'succeeded', error);
        }
      }
    },
  };
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function countTests(tests: readonly TestResult[]): Attributes {
  const count = (...statuses: string[]) => tests.filter(({ status }) => statuses.includes(status)).length;
  return {
    'mdl.tests.passed': count('passed'),
    'mdl.tests.warned': count('warned'),
    'mdl.tests.failed': count('failed', 'errored'),
  };
}

/** Which tests did not pass, and how many rows break them; never the rows. */
function addTests(span: Span, tests: readonly TestResult[]): void {
  for (const { test, status, failures } of tests)
    if (status !== 'passed') span.addEvent(`test ${status}`, { 'mdl.test': test, 'mdl.failures': failures });
}

/** An error goes along as its code and message; what Postgres says in detail may hold values of rows, and does not. */
function end(span: Span, failed: boolean, error?: ErrorRecord): void {
  if (error) {
    span.setAttribute('error.type', error.code);
    span.recordException({ name: error.code, message: redact(error.message) });
  }
  if (failed)
    span.setStatus({ code: SpanStatusCode.ERROR, ...(error && { message: redact(error.message) }) });
  span.end();
}
