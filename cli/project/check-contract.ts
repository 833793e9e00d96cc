import type { z } from 'zod';
import { grantedRoles } from '../config/grants.js';
import { formatPath, MedallionError } from '../errors/index.js';
import type { FrontMatter } from './front-matter.js';
import type { Model } from './model.js';
import type { modelSchema } from './model-schema.js';

type ModelFront = FrontMatter<z.output<typeof modelSchema>>;

/** Settings of a column that an ephemeral model cannot keep; its description it can. */
const enforcedOfColumn = ['type', 'not_null', 'unique', 'default', 'check', 'tests'] as const;
const enforcedOfModel = ['primary_key', 'unique', 'foreign_keys', 'checks', 'indexes', 'tests'] as const;

/**
 * A promise that nothing keeps is worse than none: an ephemeral model has no relation to hold keys, be tested or be granted,
 * and a view has no rows of its own to index.
 * @throws MedallionError MDL1202
 */
export function refuseUnenforceable({ materialized, name }: Model, { value, whereIs }: ModelFront): void {
  const refuse = (path: readonly string[], why: string) => {
    throw new MedallionError('MDL1202', {
      message: `${formatPath(path)}: ${name} ${why}.`,
      where: whereIs(path),
      hint: 'Take it out, or make the model a table: materialized: table.',
    });
  };
  if (materialized === 'view' && value.indexes.length > 0)
    refuse(['indexes'], 'is a view, which cannot have an index');
  const isCompared = hasRows(materialized) || materialized === 'materialized_view';
  if (value.publish === 'delta' && (!isCompared || value.primary_key === undefined))
    refuse(
      ['publish'],
      isCompared
        ? 'has no primary_key, by which rows could be compared'
        : `is of kind ${materialized}, whose rows are not compared`,
    );
  if (value.publish === 'swap' && materialized === 'snapshot')
    refuse(['publish'], 'is a snapshot: its history stays where it is');
  if (materialized !== 'ephemeral') return;
  const why = 'is ephemeral, so nothing would enforce this';
  for (const [column, settings] of Object.entries(value.columns ?? {}))
    for (const key of enforcedOfColumn) if (isSet(settings[key])) refuse(['columns', column, key], why);
  for (const key of enforcedOfModel) if (isSet(value[key])) refuse([key], why);
  if (grantedRoles(value.grants).length > 0) refuse(['grants'], 'is ephemeral, so there is nothing to read');
}

function hasRows(materialized: Model['materialized']): boolean {
  return materialized === 'table' || materialized === 'incremental';
}

/** Set to something, and not to what stands for nothing. */
function isSet(setting: string | boolean | readonly unknown[] | undefined): boolean {
  return Array.isArray(setting) ? setting.length > 0 : setting !== undefined && setting !== false;
}

/**
 * Keys, foreign keys and uniques may only name columns that the contract has.
 * @throws MedallionError MDL1202
 */
export function checkKeyColumns(model: Model, front: FrontMatter<unknown>): void {
  const { contract } = model;
  if (!contract.columns) return;
  const known = new Set(contract.columns.map((column) => column.name));
  const named: readonly (readonly [string, readonly string[], readonly PropertyKey[]])[] = [
    ['primary_key', contract.primaryKey, ['primary_key']],
    ...contract.uniques.map((columns, i) => ['unique', columns, ['unique', i]] as const),
    ...contract.foreignKeys.map((key, i) => ['foreign_keys', key.columns, ['foreign_keys', i]] as const),
  ];
  for (const [setting, columns, path] of named) {
    const missing = columns.find((column) => !known.has(column));
    if (missing !== undefined) {
      throw new MedallionError('MDL1202', {
        message: `${setting}: ${model.name} has no column "${missing}".`,
        where: front.whereIs(path),
        hint: `Its columns are ${[...known].join(', ')}.`,
      });
    }
  }
}
