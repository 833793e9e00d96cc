import type { Sql } from '../database/connect.js';
import type { Relation } from '../database/identifiers.js';
import type { TestResult } from '../events/events.js';
import { type Compiler, standalone } from '../graph/compile.js';
import type { ModelNode, TestNode } from '../graph/node.js';
import { type Contract, type NodeName, relationKind } from '../project/model.js';
import { type CheckedTest, contractTests, type RunnableTest, runTests } from '../tests/index.js';
import { declaredTest } from './declared-tests.js';
import { inTimeZone } from './incremental/in-time-zone.js';
import type { OpenProject } from './open-project.js';

/** What tests are run with. */
export interface AuditContext {
  readonly project: OpenProject;
  readonly compiler: Compiler;
  /** The staged relation in a run, the published one in `mdl test`. */
  readonly relationOf: (name: NodeName) => Relation;
  readonly sql: Sql;
  readonly runId: number | null;
  readonly storeFailures: boolean;
  /** How many failing rows of each test to return; undefined: its samples only. */
  readonly showRows?: number | undefined;
  readonly signal: AbortSignal;
}

export function isFailure(result: TestResult): boolean {
  return result.status === 'failed' || result.status === 'errored';
}

/**
 * Runs a model's own tests.
 * @param unkept what its contract promises and the relation itself does not keep; that of a view is all of it
 */
export async function auditModel(
  context: AuditContext,
  node: ModelNode,
  unkept?: Contract | undefined,
): Promise<TestResult[]> {
  const { model } = node.parsed;
  const contract = relationKind(model) === 'table' ? unkept : model.contract;
  const promised = contract ? contractTests(contract, model.file, primaryKeyOf(context)) : [];
  return runDeclared(context, node.name, [...promised, ...node.tests]);
}

/** Runs a singular test, or the tests of a model that need others. */
export async function auditTestNode(context: AuditContext, node: TestNode): Promise<TestResult[]> {
  if (node.of) return runDeclared(context, node.of, node.tests);
  const test = node.singular!;
  const failing = standalone(context.compiler.query(test.template));
  const title = test.description?.trim() ?? test.name;
  const ready: RunnableTest = {
    id: test.name,
    title,
    severity: test.severity,
    errorIf: test.errorIf,
    warnIf: test.warnIf,
    where: test.where,
    rule: { kind: 'query', failing: () => failing },
  };
  return runTests({ ...runOptions(context, node.name), relation: undefined }, [ready]);
}

function runDeclared(
  context: AuditContext,
  name: NodeName,
  tests: readonly CheckedTest[],
): Promise<TestResult[]> {
  const relation = context.relationOf(name);
  const ready = tests.map((test) => declaredTest(context, name, test));
  return runTests({ ...runOptions(context, name), relation }, ready);
}

/** @param node the test or model that failures are told of */
export function runOptions(context: AuditContext, node: NodeName) {
  const store = context.storeFailures && context.runId !== null ? { runId: context.runId } : undefined;
  const tested = context.project.graph.nodes.get(node);
  const sql = tested?.kind === 'model' ? inTimeZone(context.sql, tested.parsed.model, false) : context.sql;
  return { sql, node, signal: context.signal, store, showRows: context.showRows };
}

export function primaryKeyOf(context: Pick<AuditContext, 'project'>): (name: string) => readonly string[] {
  return (name) => {
    const node = context.project.graph.nodes.get(context.project.graph.resolve('ref', name));
    return node?.kind === 'model' ? node.parsed.model.contract.primaryKey : [];
  };
}
