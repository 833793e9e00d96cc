import type { Materialization } from '../config/define.js';
import { didYouMean, MedallionError } from '../errors/index.js';
import type { Macros } from '../project/macros.js';
import { type Contract, type ForeignKey, type NodeName, policyConditions } from '../project/model.js';
import type { ParsedModel } from '../project/parse-model.js';
import type { CheckedTest } from '../tests/index.js';
import { allReferences } from './edges.js';
import type { Resolve } from './resolve-name.js';

/**
 * A foreign key can only be kept by a table that has the referenced key: anything else would fail in Postgres, in the middle of a build.
 * @param models all of the project, by name; what is not among them is a bronze table
 * @throws MedallionError MDL1202 where the key stands
 */
export function checkForeignKeys(
  { model }: ParsedModel,
  models: ReadonlyMap<NodeName, ParsedModel>,
  resolve: Resolve,
): void {
  for (const key of model.contract.foreignKeys) {
    const wrong = (what: string, hint: string) =>
      new MedallionError('MDL1202', { message: `foreign_keys: ${what}`, where: key.where, hint });
    const name = resolve('ref', key.references, key.where);
    const target = models.get(name)?.model;
    if (target?.materialized !== 'table' && target?.materialized !== 'incremental') {
      const kind = target === undefined ? 'a bronze table' : unreferable[target.materialized];
      throw wrong(
        `${name} is ${kind}; only a model that is a table can be referenced.`,
        target?.materialized === 'ephemeral'
          ? 'Make it a table, or take the foreign key out.'
          : `Test it instead: tests: [ { relationships: { columns: [${key.columns.join(', ')}], to: ${name}, fields: [${(key.referencedColumns.length > 0 ? key.referencedColumns : key.columns).join(', ')}] } } ].`,
      );
    }
    checkReferencedKey(key, name, target.contract, wrong);
  }
}

const unreferable: Readonly<Record<Exclude<Materialization, 'table' | 'incremental'>, string>> = {
  view: 'a view',
  materialized_view: 'a materialized view',
  snapshot: 'a snapshot, with several versions of a row',
  ephemeral: 'ephemeral',
};

function checkReferencedKey(
  key: ForeignKey,
  name: NodeName,
  target: Contract,
  wrong: (what: string, hint: string) => MedallionError,
): void {
  if (key.referencedColumns.length === 0) {
    if (target.primaryKey.length === 0)
      throw wrong(
        `${name} has no primary key.`,
        `Give it one, or name a unique column of it: references: ${name}(<column>).`,
      );
    if (target.primaryKey.length !== key.columns.length)
      throw wrong(
        `${key.columns.length} columns (${key.columns.join(', ')}) cannot reference the primary key of ${name}, which has ${target.primaryKey.length} (${target.primaryKey.join(', ')}).`,
        'Both sides need the same number of columns.',
      );
    return;
  }
  const unknown = key.referencedColumns.find(
    (column) => target.columns && !target.columns.some((known) => known.name === column),
  );
  if (unknown !== undefined)
    throw wrong(
      `${name} has no column "${unknown}".`,
      didYouMean(
        unknown,
        target.columns!.map((column) => column.name),
      ),
    );
  const wanted = [...key.referencedColumns].sort().join('\n');
  if (!keysOf(target).some((columns) => [...columns].sort().join('\n') === wanted))
    throw wrong(
      `(${key.referencedColumns.join(', ')}) is no key of ${name}.`,
      `Declare it there: unique: [[${key.referencedColumns.join(', ')}]].`,
    );
}

/** What Postgres takes for a key: the primary key, and what is unique without conditions. */
function keysOf(contract: Contract): readonly (readonly string[])[] {
  return [
    contract.primaryKey,
    ...contract.uniques,
    ...(contract.columns ?? []).filter(({ unique }) => unique).map(({ name }) => [name]),
    ...contract.indexes
      .filter(({ unique, filter }) => unique && filter === undefined)
      .map(({ columns }) => columns),
  ];
}

/**
 * A policy outlives the build, and with it what it reads: an ephemeral model has no relation.
 * @throws MedallionError MDL1202 where the condition stands
 */
export function checkPolicies(
  { model }: ParsedModel,
  models: ReadonlyMap<NodeName, ParsedModel>,
  macros: Macros,
  resolve: Resolve,
): void {
  for (const { template, where } of policyConditions(model)) {
    for (const reference of allReferences(template, macros)) {
      const name = resolve(reference.helper, reference.name, where);
      if (models.get(name)?.model.materialized === 'ephemeral')
        throw new MedallionError('MDL1202', {
          message: `rls: ${name} is ephemeral, so a policy cannot read it.`,
          where,
          hint: 'Name a model that is a table or a view.',
        });
    }
  }
}

/**
 * A test cannot compare with an ephemeral model, which has no relation.
 * @throws MedallionError MDL1202 where the test stands
 */
export function checkTestTargets(
  tests: readonly CheckedTest[],
  models: ReadonlyMap<NodeName, ParsedModel>,
  resolve: Resolve,
): void {
  for (const { reads, title, declaration } of tests) {
    for (const read of reads) {
      const name = resolve('ref', read, declaration.where);
      if (models.get(name)?.model.materialized === 'ephemeral')
        throw new MedallionError('MDL1202', {
          message: `${title}: ${name} is ephemeral, so there are no rows to compare with.`,
          where: declaration.where,
          hint: 'Name a model that is a table or a view.',
        });
    }
  }
}
