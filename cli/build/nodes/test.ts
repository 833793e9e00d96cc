import type { AttemptOptions } from '../../config/attempts.js';
import type { MedallionError } from '../../errors/index.js';
import type { TestResult } from '../../events/events.js';
import type { TestNode } from '../../graph/node.js';
import { auditTestNode, isFailure } from '../audit.js';
import { toMedallionError } from '../errors.js';
import type { Outcome } from '../schedule.js';
import { passingTestError, withRetries } from './attempts.js';
import type { NodeContext } from './context.js';
import { startDeadline } from './deadline.js';

/** Runs the tests of a node of their own; one that cannot run is a failure, an interrupted one says nothing. */
export async function carryOutTest(context: NodeContext, node: TestNode): Promise<Outcome> {
  const started = performance.now();
  if (!context.state.mustTest(node)) {
    const nothing = { durationMs: 0, results: [], isUnchanged: true };
    context.emit({ event: 'test.finished', node: node.name, ...nothing });
    return 'done';
  }
  const attempts = attemptsOf(context, node);
  const results = await withRetries(
    context,
    node.name,
    attempts,
    () => runInTime(context, node, attempts.timeoutMs),
    (attempt) => attempt && passingTestError(attempt),
  );
  if (!results) return 'failed';
  context.emit({
    event: 'test.finished',
    node: node.name,
    durationMs: performance.now() - started,
    results,
  });
  if (results.some(isFailure)) return 'failed';
  context.tested.add(node.name);
  return 'done';
}

/** Tests of a model that read others are as patient as the model. */
function attemptsOf({ session }: NodeContext, node: TestNode): AttemptOptions {
  const { graph, options } = session.project;
  const model = node.of && graph.nodes.get(node.of);
  return model?.kind === 'model' ? model.parsed.model.attempts : options.attempts;
}

/** @returns undefined when it was interrupted */
async function runInTime(
  context: NodeContext,
  node: TestNode,
  timeoutMs: number | undefined,
): Promise<readonly TestResult[] | undefined> {
  const deadline = startDeadline(context.signal, node.name, timeoutMs);
  const { audit } = context;
  try {
    const results = await auditTestNode(
      { ...audit, sql: deadline.limit(audit.sql), signal: deadline.signal },
      node,
    );
    const late = deadline.error();
    return late ? [errored(node, late)] : results;
  } catch (cause) {
    const error = deadline.error() ?? toMedallionError(cause, context.signal);
    return error.code === 'MDL5002' ? undefined : [errored(node, error)];
  } finally {
    deadline.release();
  }
}

function errored(node: TestNode, error: MedallionError): TestResult {
  return {
    test: node.name,
    node: node.name,
    title: node.name,
    status: 'errored',
    severity: 'error',
    failures: 0,
    samples: [],
    where: error.where,
    error: error.toJSON(),
  };
}
