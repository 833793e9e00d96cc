import type { Options as Flag } from 'yargs';
import { previewPrune, pruneHistory } from '../build/retention.js';
import type { HistoryOptions, Options } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import { migrate, readSchemaVersion } from '../database/migrations/index.js';
import { MedallionError } from '../errors/index.js';
import { formatNumber, plural } from '../text/format.js';

/** Flags of `mdl runs prune`. */
export const pruneFlags = {
  'keep-runs': { type: 'number', describe: 'prune: keep so many of the latest runs' },
  'keep-days': { type: 'number', describe: 'prune: keep the runs of so many days' },
  'dry-run': { type: 'boolean', default: false, describe: 'prune: tell what would be deleted' },
} as const satisfies Record<string, Flag>;

export interface PruneArguments {
  readonly keepRuns?: number | undefined;
  readonly keepDays?: number | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/**
 * What to keep: as the flags say, else as the configuration does.
 * @throws MedallionError MDL1004
 */
export function keepOf(args: PruneArguments, { history }: Pick<Options, 'history'>): HistoryOptions {
  for (const [flag, value] of [
    ['--keep-runs', args.keepRuns],
    ['--keep-days', args.keepDays],
  ] as const)
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new MedallionError('MDL1004', { message: `${flag} takes a whole number from 1.` });
  if (args.keepRuns === undefined && args.keepDays === undefined) return history;
  return { keepRuns: args.keepRuns ?? 0, keepDays: args.keepDays ?? 0 };
}

/** Deletes old runs by hand, all that may go. @returns what to print */
export async function prune(
  sql: Sql,
  options: Pick<Options, 'name' | 'history'>,
  args: PruneArguments,
): Promise<string> {
  const keep = keepOf(args, options);
  const isBuilt = (await readSchemaVersion(sql)) > 0;
  if (isBuilt) await migrate(sql);
  const found = isBuilt ? await previewPrune(sql, options.name, keep) : { removable: 0, needed: 0, kept: 0 };
  const removed = isBuilt && !args.dryRun ? await pruneHistory(sql, options.name, keep) : found.removable;
  if (args.json)
    return JSON.stringify({ removed, needed: found.needed, kept: found.kept, dryRun: args.dryRun });
  const needed =
    found.needed > 0
      ? ` ${plural(found.needed, 'older run')} still needed: by what readers see, by loads, by schedules.`
      : '';
  return `${args.dryRun ? 'Would delete' : 'Deleted'} ${plural(removed, 'run')}; ${formatNumber(found.kept)} kept.${needed}`;
}
