import { quoteIdentifier, quoteRelation } from '../../database/identifiers.js';
import type { TestResult } from '../../events/events.js';
import type { ModelNode } from '../../graph/node.js';
import type { TestDeclaration } from '../../project/model.js';
import { type CheckedTest, contractTests, type RunnableTest, runnable, runTests } from '../../tests/index.js';
import { type AuditContext, primaryKeyOf, runOptions } from '../audit.js';
import { type NewRows, sameColumns, staying } from './strategies.js';

/**
 * Tests of new rows what the contract promises. Published rows have the constraints and need no test; whether keys are unique is asked of the new rows
 * and of those that have a key of theirs.
 */
export function auditNewRows(context: AuditContext, node: ModelNode, rows: NewRows): Promise<TestResult[]> {
  const { model } = node.parsed;
  const resolve = (other: string) => context.relationOf(context.project.graph.resolve('ref', other));
  const promised = contractTests(model.contract, model.file, primaryKeyOf(context));
  const ready = [...keyTests(rows, promised), ...promised].map((test): RunnableTest => {
    const ordinary = runnable(test, node.name, rows.fresh, resolve);
    if (test.declaration.kind !== 'unique') return ordinary;
    return { ...ordinary, rule: { kind: 'query', failing: () => repeatedSql(rows, columnsOf(test)) } };
  });
  return runTests({ ...runOptions(context, node.name), relation: rows.fresh }, ready);
}

/** A row whose key is null has no place: no other row has the same one. */
function keyTests({ incremental }: NewRows, promised: readonly CheckedTest[]): CheckedTest[] {
  if (!('key' in incremental)) return [];
  const isPromised = (column: string) =>
    promised.some(({ declaration }) => declaration.kind === 'not_null' && declaration.column === column);
  return incremental.key
    .filter((column) => !isPromised(column))
    .map((column) => {
      const declaration: TestDeclaration = {
        ...{ kind: 'not_null', argument: true, column, severity: 'error', where: incremental.where },
      };
      return { declaration, isGeneric: false, title: `key not null (${column})`, reads: [] };
    });
}

function columnsOf({ declaration }: CheckedTest): readonly string[] {
  return declaration.argument as readonly string[];
}

/** Keys that would be there more than once; nulls are all different, as for Postgres. */
function repeatedSql(rows: NewRows, columns: readonly string[]): string {
  const { incremental, equality } = rows;
  const list = columns.map(quoteIdentifier).join(', ');
  const fresh = quoteRelation(rows.fresh);
  // Rows with a key of the new ones go: no other can have it.
  const isReplaced = 'key' in incremental && incremental.key.every((column) => columns.includes(column));
  const others = isReplaced
    ? ''
    : `\nunion all\nselect ${columns.map((column) => `p.${quoteIdentifier(column)}`).join(', ')} from ${staying(rows)} and exists (select from ${fresh} f where ${sameColumns('p', 'f', columns, equality)})`;
  return `select ${list}, count(*) as rows from (
select ${list} from ${fresh}${others}
) as keys where ${columns.map((column) => `${quoteIdentifier(column)} is not null`).join(' and ')} group by ${list} having count(*) > 1`;
}
