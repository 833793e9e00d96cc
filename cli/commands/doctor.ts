import { statfsSync } from 'node:fs';
import type { Argv } from 'yargs';
import { toMedallionError } from '../build/errors.js';
import { type Check, examineDatabase } from '../build/examine/index.js';
import { openDatabase } from '../build/open-database.js';
import { openProject } from '../build/open-project.js';
import { formatWhere, redact, redactedJson } from '../errors/index.js';
import { capabilities, makeStyle } from '../report/style.js';
import { mdlVersion } from '../version.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';

export const builder = (yargs: Argv) =>
  yargs
    .options({ ...projectFlags, json: { type: 'boolean', default: false, describe: 'As JSON' } })
    .example('mdl doctor', 'check everything that a build needs');

export async function handler(args: ProjectArguments & { readonly json: boolean }): Promise<void> {
  const checks: Check[] = [];
  const style = makeStyle(capabilities(process.stdout, process.env).color);
  const marks = { ok: style.green('ok  '), warn: style.yellow('warn'), fail: style.red('FAIL') };
  const tell = (check: Check) => {
    checks.push(check);
    if (args.json) return;
    process.stdout.write(
      redact(
        `  ${marks[check.status]}  ${check.what}${check.fix ? `\n        ${style.dim(`fix: ${check.fix}`)}` : ''}\n`,
      ),
    );
  };
  await examine(args, tell);
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (args.json) process.stdout.write(`${redactedJson(checks, 2)}\n`);
  else
    process.stdout.write(
      failed > 0
        ? `\n${failed} of ${checks.length} checks failed.\n`
        : warned > 0
          ? `\nNo check failed, ${warned} of ${checks.length} warn.\n`
          : `\nAll well: ${checks.length} checks.\n`,
    );
  process.exitCode = failed > 0 ? 1 : 0;
}

async function examine(args: ProjectArguments, tell: (check: Check) => void): Promise<void> {
  tell({
    status: 'ok',
    what: `mdl ${mdlVersion} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  });
  const project = await attempt(tell, () => openProject({ dir: args.projectDir, ...overridesOf(args) }));
  if (!project) return;
  const { options, graph } = project;
  tell({
    status: 'ok',
    what: `${options.configFile} of ${options.name}: ${options.bronze.size} bronze tables, ${graph.nodes.size - options.bronze.size} models and tests`,
  });
  for (const { name, kind, missing, on } of options.channels)
    tell({
      status: 'ok',
      what:
        missing === undefined
          ? `notify.${name}: by ${kind}, on ${on.join(' and ')}`
          : `notify.${name} is off: ${missing} has no value`,
    });
  const free = statfsSync(options.projectDir);
  const freeGiB = (free.bavail * free.bsize) / 2 ** 30;
  tell(
    freeGiB < 1
      ? {
          status: 'warn',
          what: `only ${freeGiB.toFixed(1)} GiB are free on the disk of the project`,
          fix: 'make room before large loads',
        }
      : { status: 'ok', what: `${freeGiB.toFixed(0)} GiB free on the disk of the project` },
  );
  for (const table of options.bronze.values()) {
    const source = await attempt(tell, () =>
      table.source.open(table.sourceTable, { projectDir: options.projectDir }),
    );
    if (source)
      tell({ status: 'ok', what: `${table.node}: ${source.origin}, ${source.columns.length} columns` });
  }
  const database = await attempt(tell, () => openDatabase(options));
  if (!database) return;
  try {
    tell({ status: 'ok', what: `${database.description} answers` });
    for (const check of await examineDatabase(database, project)) tell(check);
  } finally {
    await database.close();
  }
}

async function attempt<Result>(
  tell: (check: Check) => void,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (cause) {
    const error = toMedallionError(cause);
    tell({
      status: 'fail',
      what: `${error.message} (${error.code})${error.where ? ` at ${formatWhere(error.where)}` : ''}`,
      fix: error.hint,
    });
    return undefined;
  }
}
