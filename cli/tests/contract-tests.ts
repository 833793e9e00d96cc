import type { Where } from '../errors/index.js';
import type { Contract, TestDeclaration } from '../project/model.js';
import type { CheckedTest } from './check.js';
import { dataTests } from './registry.js';

/**
 * What a contract promises, as data tests: for views, which can have no constraints, and to tell which rows kept a constraint from being added.
 * @param file of the model, for declarations without a place of their own
 */
export function contractTests(
  contract: Contract,
  file: string,
  primaryKeyOf: (name: string) => readonly string[],
): CheckedTest[] {
  const whole: Where = { file };
  const columns = contract.columns ?? [];
  const whereIs = (name: string) => columns.find((column) => column.name === name)?.where ?? whole;
  const tests: CheckedTest[] = [];
  const add = (kind: string, argument: unknown, column: string | undefined, title: string, where: Where) => {
    const declaration: TestDeclaration = { kind, argument, column, severity: 'error', where };
    tests.push({
      declaration,
      isGeneric: false,
      title,
      reads: dataTests[kind]!.reads?.(argument, declaration) ?? [],
    });
  };
  const keys = contract.primaryKey;
  if (keys.length > 0) add('unique', keys, undefined, `primary key (${keys.join(', ')})`, whereIs(keys[0]!));
  for (const key of keys) add('not_null', true, key, `primary key not null (${key})`, whereIs(key));
  for (const column of columns) {
    if (column.notNull && !keys.includes(column.name))
      add('not_null', true, column.name, `not null (${column.name})`, column.where);
    if (column.unique) add('unique', [column.name], undefined, `unique (${column.name})`, column.where);
    if (column.check !== undefined)
      add('expression', column.check, undefined, `check ${column.check}`, column.where);
  }
  for (const unique of contract.uniques)
    add('unique', unique, undefined, `unique (${unique.join(', ')})`, whereIs(unique[0]!));
  for (const check of contract.checks)
    add('expression', check.expression, undefined, `check ${check.name ?? check.expression}`, check.where);
  for (const key of contract.foreignKeys) {
    const fields = key.referencedColumns.length > 0 ? key.referencedColumns : primaryKeyOf(key.references);
    add(
      'relationships',
      { columns: key.columns, to: key.references, fields },
      undefined,
      `foreign key (${key.columns.join(', ')}) to ${key.references}`,
      key.where,
    );
  }
  return tests;
}
