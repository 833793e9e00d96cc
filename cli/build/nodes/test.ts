import type { MedallionError } from '../../errors/index.js';
import type { TestResult } from '../../events/events.js';
import type { TestNode } from '../../graph/node.js';
import { auditTestNode, isFailure } from '../audit.js';
import { toMedallionError } from '../errors.js';
import type { Outcome } from '../schedule.js';
import type { NodeContext } from './context.js';

/** Runs the tests of a node of their own; one that cannot run is a failure, an interrupted one says nothing. */
export async function carryOutTest(context: NodeContext, node: TestNode): Promise<Outcome> {
  const started = performance.now();
  let results: readonly TestResult[];
  try {
    results = await auditTestNode(context.audit, node);
  } catch (cause) {
    const error = toMedallionError(cause, context.signal);
    if (error.code === 'MDL5002') return 'failed';
    results = [errored(node, error)];
  }
  context.emit({
    event: 'test.finished',
    node: node.name,
    durationMs: performance.now() - started,
    results,
  });
  return results.some(isFailure) ? 'failed' : 'done';
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
