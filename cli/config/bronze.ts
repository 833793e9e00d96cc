import { didYouMean, MedallionError } from '../errors/index.js';
import type { Source } from '../sources/source.js';
import { attemptOptions } from './attempts.js';
import { type Distribution, keyNeedsColumn, makeDistribution } from './distribution.js';
import type { Grants } from './grants.js';
import type { BronzeTable } from './options.js';
import type { CheckedConfig } from './schema.js';

/**
 * The bronze tables as configured, or, without `bronze`, every table of every source under its own name.
 * @throws MedallionError MDL1003, MDL1213
 */
export async function makeBronze(
  config: CheckedConfig,
  project: { projectDir: string; configFile: string; grants: Grants },
): Promise<ReadonlyMap<string, BronzeTable>> {
  const wanted = config.bronze ?? (await discoverBronze(config.sources, project));
  const tables = new Map<string, BronzeTable>();
  for (const [name, table] of Object.entries(wanted)) {
    const dot = table.from.indexOf('.');
    const sourceName = table.from.slice(0, dot);
    const source = config.sources[sourceName];
    const invalid = (message: string, hint?: string) =>
      new MedallionError('MDL1003', {
        message: `bronze.${name}: ${message}`,
        where: { file: project.configFile },
        hint,
      });
    if (!source)
      throw invalid(
        `there is no source "${sourceName}".`,
        didYouMean(sourceName, Object.keys(config.sources)),
      );
    const key = typeof table.key === 'string' ? [table.key] : (table.key ?? []);
    if (table.load === 'upsert' && key.length === 0)
      throw invalid('upsert needs a key.', "Name the columns that identify a row: key: 'id'.");
    if (table.load !== 'upsert' && (table.cursor !== undefined || table.deletes !== 'keep'))
      throw invalid(
        `${table.cursor !== undefined ? 'cursor' : 'deletes'} needs load: 'upsert'.`,
        "Rows of an incremental load, and rows that have left the source, are recognised by their key: load: 'upsert', key: 'id'.",
      );
    tables.set(name, {
      node: `bronze.${name}`,
      relation: { schema: config.bronzeSchema, name },
      from: table.from,
      source,
      sourceTable: table.from.slice(dot + 1),
      key,
      strategy: table.load,
      cursor: table.cursor,
      deletes: table.deletes,
      batchRows: table.batchRows,
      maxRejects: table.maxRejects ?? config.maxRejects,
      description: table.description,
      tags: table.tags,
      grants: project.grants,
      distribution: distributionOf(name, table, key, project.configFile),
      attempts: attemptOptions(table, attemptOptions(config)),
    });
  }
  return tables;
}

/** @throws MedallionError MDL1213 */
function distributionOf(
  name: string,
  table: CheckedBronze[string],
  key: readonly string[],
  file: string,
): Distribution | null {
  const distribution = makeDistribution(
    { by: table.distributeBy, how: table.distribute },
    { of: `bronze.${name}`, by: 'distributeBy', how: 'distribute' },
    { file },
  );
  if (distribution?.kind === 'column' && key.length > 0 && !key.includes(distribution.column))
    throw new MedallionError('MDL1213', {
      message: `bronze.${name}: the key (${key.join(', ')}) does not contain "${distribution.column}", the column that it is distributed by; ${keyNeedsColumn}.`,
      where: { file },
      hint: `Distribute by a column of the key, or make the table whole on every node: distribute: 'reference'.`,
    });
  return distribution;
}

type CheckedBronze = NonNullable<CheckedConfig['bronze']>;

async function discoverBronze(
  sources: Readonly<Record<string, Source>>,
  project: { projectDir: string; configFile: string },
): Promise<CheckedBronze> {
  const found: CheckedBronze = {};
  for (const [name, source] of Object.entries(sources)) {
    for (const table of await source.tables({ projectDir: project.projectDir })) {
      if (found[table]) {
        throw new MedallionError('MDL1003', {
          message: `${found[table].from} and ${name}.${table} would both become bronze.${table}.`,
          where: { file: project.configFile },
          hint: 'List the bronze tables by hand: bronze: { name: { from: "source.table" } }.',
        });
      }
      found[table] = {
        from: `${name}.${table}`,
        load: 'replace',
        deletes: 'keep',
        batchRows: 10_000,
        tags: [],
      };
    }
  }
  return found;
}
