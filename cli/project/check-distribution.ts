import { type Distribution, keyNeedsColumn, makeDistribution } from '../config/distribution.js';
import { didYouMean, MedallionError, type Where } from '../errors/index.js';
import type { FrontMatter } from './front-matter.js';
import type { Model } from './model.js';

interface DistributionSettings {
  readonly distribute_by?: string | undefined;
  readonly distribute?: 'reference' | undefined;
}

/** Models without rows of their own. */
const withoutRows: Readonly<Partial<Record<Model['materialized'], string>>> = {
  view: 'is a view: its rows are where those of the tables are that it reads',
  materialized_view: 'is a materialized view, which Citus keeps on one node',
  ephemeral: 'is ephemeral: it has no rows of its own',
};

/**
 * `distribute_by` and `distribute` of a model's front matter.
 * @throws MedallionError MDL1213
 */
export function parseDistribution(
  { value, whereIs }: FrontMatter<DistributionSettings>,
  { name, materialized }: Pick<Model, 'name' | 'materialized'>,
): Distribution | null {
  const setting = value.distribute_by === undefined ? 'distribute' : 'distribute_by';
  const where = whereIs([setting]);
  const distribution = makeDistribution(
    { by: value.distribute_by, how: value.distribute },
    { of: name, by: 'distribute_by', how: 'distribute' },
    where,
  );
  const why = withoutRows[materialized];
  if (distribution && why !== undefined)
    throw new MedallionError('MDL1213', {
      message: `${setting}: ${name} ${why}.`,
      where,
      hint: 'Take it out, or make the model a table: materialized: table.',
    });
  return distribution;
}

/**
 * A distribution column has to be one of the model's, and every key has to contain it.
 * @throws MedallionError MDL1213 where the setting or the key stands
 */
export function checkDistribution({ name, contract, distribution, snapshot, incremental }: Model): void {
  if (distribution?.kind !== 'column') return;
  const { column, where } = distribution;
  if (contract.columns && !contract.columns.some((known) => known.name === column))
    throw new MedallionError('MDL1213', {
      message: `distribute_by: ${name} has no column "${column}".`,
      where,
      hint: didYouMean(
        column,
        contract.columns.map((known) => known.name),
      ),
    });
  if (snapshot && !snapshot.key.includes(column))
    throw new MedallionError('MDL1213', {
      message: `distribute_by: "${column}" is not in snapshot.key of ${name}; all versions of a row have to be on one node.`,
      where,
      hint: `Distribute by one of ${snapshot.key.join(', ')}, or make the snapshot whole on every node: distribute: reference.`,
    });
  const refuse = (setting: string, key: readonly string[], place: Where) => {
    throw new MedallionError('MDL1213', {
      message: `${setting}: (${key.join(', ')}) of ${name} does not contain "${column}", the column that it is distributed by; ${keyNeedsColumn}.`,
      where: place,
      hint: `Add "${column}" to the key, distribute by a column that is in it, or make the table whole on every node: distribute: reference. A data test can watch what no key can: tests: [unique].`,
    });
  };
  const check = (setting: string, key: readonly string[], place: Where) => {
    if (key.length > 0 && !key.includes(column)) refuse(setting, key, place);
  };
  check('primary_key', contract.primaryKey, contract.where.primaryKey);
  if (incremental && 'key' in incremental) check('incremental.key', incremental.key, incremental.where);
  for (const [i, key] of contract.uniques.entries()) check('unique', key, contract.where.uniques[i]!);
  for (const own of contract.columns ?? [])
    if (own.unique) check(`columns.${own.name}.unique`, [own.name], own.where);
  for (const index of contract.indexes)
    if (index.unique && !index.columns.some((part) => isColumn(part, column)))
      refuse('indexes', index.columns, index.where);
}

/** Whether a part of an index is this column: `id`, `id desc`, `"Id" collate "C"`; an expression over it is not. */
function isColumn(part: string, column: string): boolean {
  if (part === column) return true;
  const [first, quoted] = /^(?:"((?:[^"]|"")+)"|[^\s"(]+)(?=\s|$)/.exec(part.trim()) ?? [];
  if (quoted !== undefined) return quoted.replaceAll('""', '"') === column;
  return first !== undefined && first.toLowerCase() === column;
}
