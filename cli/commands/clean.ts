import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { loadSchemaComment } from '../bronze/index.js';
import { dropEnvironment, environmentRelations } from '../build/environment/drop.js';
import { findSchemasMarked, stageComment } from '../build/marked-schemas.js';
import { openDatabase } from '../build/open-database.js';
import { endOpenPlan } from '../build/planned/end-plan.js';
import { readOpenPlan } from '../build/planned/stored-plan.js';
import { takeRunLock } from '../build/run-lock.js';
import { dropSchemasMarked } from '../build/stage.js';
import { loadOptions } from '../config/load.js';
import { resetEmbedded } from '../database/embedded/index.js';
import { migrateIfMade } from '../database/migrations/index.js';
import { confirmed } from './db.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';

export const builder = (yargs: Argv) =>
  yargs
    .options({
      ...projectFlags,
      all: { type: 'boolean', default: false, describe: 'Also the embedded database with all its tables' },
      yes: { type: 'boolean', alias: 'y', default: false, describe: 'Do not ask' },
      'dry-run': { type: 'boolean', default: false, describe: 'List what would be removed' },
    })
    .example('mdl clean', 'compiled files, caches, and stages of killed runs')
    .example('mdl clean --target dev', 'also all that an environment has built')
    .example('mdl clean --all', 'everything that mdl has made here');

interface Arguments extends ProjectArguments {
  readonly all: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const folders = ['compiled', 'cache']
    .map((name) => join('.medallion', name))
    .filter((path) => existsSync(join(options.projectDir, path)));
  const isEmbedded = options.database === undefined;
  const hasDatabase = !isEmbedded || existsSync(join(options.projectDir, '.medallion', 'postgres'));
  const removesDatabase = args.all && isEmbedded && hasDatabase;
  const verb = args.dryRun ? 'Would remove' : 'Removed';
  const told: string[] = [];
  if (
    removesDatabase &&
    !args.dryRun &&
    !args.yes &&
    !(await confirmed('Delete the embedded database with all its tables?'))
  )
    return;
  if (hasDatabase && !removesDatabase) {
    const database = await openDatabase(options);
    try {
      const lockSql = database.connect({ max: 1, applicationName: `mdl-lock:${options.name}` });
      const sql = database.connect({ max: 1, applicationName: 'mdl' });
      const lock = await takeRunLock(lockSql, {
        project: options.name,
        isPooled: database.isPooled,
        noWait: true,
        emit: () => {},
        signal: new AbortController().signal,
      });
      const plan = (await migrateIfMade(sql)) ? await readOpenPlan(sql, options.name) : undefined;
      if (plan) {
        told.push(`the open plan of run ${plan.runId}`);
        if (!args.dryRun) await endOpenPlan(sql, options.name, 'discarded', 'mdl clean');
      }
      if (options.environment)
        told.push(
          ...(args.dryRun
            ? await environmentRelations(sql, options)
            : await dropEnvironment(sql, options, (message) => process.stderr.write(`${message}\n`))),
        );
      for (const comment of [stageComment(options.name), loadSchemaComment(options.name)]) {
        told.push(
          ...(args.dryRun
            ? await findSchemasMarked(sql, comment)
            : await dropSchemasMarked(sql, comment)
          ).map((schema) => `schema ${schema}`),
        );
      }
      await lock.release();
    } finally {
      await database.close();
    }
  }
  for (const folder of folders) {
    if (!args.dryRun) rmSync(join(options.projectDir, folder), { recursive: true, force: true });
    told.push(folder);
  }
  if (removesDatabase) {
    if (!args.dryRun) await resetEmbedded(options.projectDir);
    told.push('the embedded database');
  }
  process.stdout.write(told.length > 0 ? `${verb} ${told.join(', ')}.\n` : 'There is nothing to remove.\n');
}
