import type { MedallionError } from '../../errors/index.js';
import type { TestResult } from '../../events/events.js';
import type { ModelNode } from '../../graph/node.js';
import { auditModel, isFailure } from '../audit.js';
import { buildModel } from '../build-model.js';
import { toMedallionError } from '../errors.js';
import type { Outcome } from '../schedule.js';
import type { NodeContext } from './context.js';

interface Attempt {
  readonly rows?: number | undefined;
  readonly tests: readonly TestResult[];
  readonly error?: MedallionError | undefined;
}

/** Builds a model in the stage and audits it there; every failure is told by its event. */
export async function carryOutModel(context: NodeContext, node: ModelNode): Promise<Outcome> {
  const { materialized } = node.parsed.model;
  const started = performance.now();
  context.emit({ event: 'model.started', node: node.name, materialized });
  const { rows, tests, error } = await buildAndAudit(context, node);
  const failed = error !== undefined || tests.some(isFailure);
  context.emit({
    event: 'model.finished',
    node: node.name,
    materialized,
    status: error?.code === 'MDL5002' ? 'interrupted' : failed ? 'failed' : 'succeeded',
    rows,
    durationMs: performance.now() - started,
    tests,
    error: error?.toJSON(),
  });
  return failed ? 'failed' : 'done';
}

async function buildAndAudit(context: NodeContext, node: ModelNode): Promise<Attempt> {
  const { audit, relations, session } = context;
  try {
    const { rows, violation } = await buildModel(audit.sql, {
      model: node.parsed.model,
      query: audit.compiler.model(node.name),
      relation: relations.current(node.name),
      targetOf: relations.target,
      render: (condition) => audit.compiler.condition(node.name, condition),
      replacing: relations.replacing,
      serverVersion: session.database.serverVersion,
    });
    const tests = await auditModel(audit, node, violation !== undefined);
    // Rows that break a key are told as failing tests; should those find nothing, Postgres's own error must not be lost.
    return { rows, tests, error: tests.some(isFailure) ? undefined : violation };
  } catch (cause) {
    return { tests: [], error: toMedallionError(cause, context.signal) };
  }
}
