import type { Argv } from 'yargs';
import { type ComparedTarget, type DiffOptions, diffEnvironments, diffNamed } from '../build/diff/index.js';
import { resolveProject } from '../build/environment/resolve.js';
import { type OpenProject, openProject } from '../build/open-project.js';
import { relationFinder } from '../build/relation-finder.js';
import { quoteRelation } from '../database/identifiers.js';
import { MedallionError } from '../errors/index.js';
import { isEphemeral } from '../graph/compile.js';
import { diffLines } from '../report/diff.js';
import { environmentDiffLines } from '../report/diff-environments.js';
import { capabilities, makeStyle, tableWidth } from '../report/style.js';
import type { TableOptions } from '../report/table.js';
import { overridesOf, type ProjectArguments, projectFlags, requireLimit } from './flags.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('a', {
      type: 'string',
      describe: 'A model, a bronze table, schema.table, or a target',
    })
    .positional('b', {
      type: 'string',
      describe: 'What to compare it with; without it, the same in an environment',
    })
    .options({
      ...projectFlags,
      key: {
        type: 'string',
        array: true,
        describe: 'Columns that tell rows apart: a,b; default: the primary key',
      },
      columns: { type: 'string', array: true, describe: 'Compare only these: a,b' },
      'exclude-columns': { type: 'string', array: true, describe: 'Do not compare these: a,b' },
      limit: { type: 'number', default: 5, describe: 'Samples of each difference' },
      json: { type: 'boolean', default: false, describe: 'As JSON' },
    })
    .example('mdl diff gold.vendas_por_mes antes.vendas_por_mes', 'what differs, by the primary key')
    .example('mdl diff --target dev', 'all models that an environment has built otherwise')
    .example('mdl diff silver.pedidos bronze.pedidos --key id_pedido', 'by another key');

interface Arguments extends ProjectArguments {
  readonly a?: string;
  readonly b?: string;
  readonly key?: readonly string[];
  readonly columns?: readonly string[];
  readonly excludeColumns?: readonly string[];
  readonly limit: number;
  readonly json: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  requireLimit(args.limit, 0);
  const options = {
    key: names('--key', args.key),
    columns: names('--columns', args.columns),
    excludeColumns: names('--exclude-columns', args.excludeColumns),
    limit: args.limit,
  };
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
  const isEqual = isPairOfTargets(project, args)
    ? await compareTargets(await openTargets(project, args), options, args.json)
    : await compareRelations(await resolveProject(project), args, options);
  if (!isEqual) process.exitCode = 1;
}

async function compareRelations(
  project: OpenProject,
  { a, b, json }: Arguments,
  options: DiffOptions,
): Promise<boolean> {
  if (a === undefined || (b === undefined && !project.environment))
    throw new MedallionError('MDL1004', {
      message: 'Name two relations, two targets, or an environment.',
      hint: 'For example: mdl diff gold.a gold.b, mdl diff --target dev, mdl diff gold.a --target dev',
    });
  const [named, labels] =
    b === undefined
      ? [publishedTwice(project, a), { a: project.options.environment!.from, b: project.options.target }]
      : [[a, b] as const, { a, b }];
  const diff = await diffNamed(project, named, options);
  print(json, diff, (table) => diffLines(diff, labels, table));
  return diff.isEqual;
}

/** A model as an environment reads it, and as the target does that it reads from. */
function publishedTwice(project: OpenProject, name: string): readonly [string, string] {
  const { production } = project.environment!;
  const node = project.graph.resolve('ref', name);
  if (isEphemeral(project.graph, node)) return [node, node];
  return [quoteRelation(relationFinder(production, new Set()).published(node)), node];
}

async function compareTargets(
  [a, b]: readonly [ComparedTarget, ComparedTarget],
  { key, columns, ...options }: DiffOptions,
  json: boolean,
): Promise<boolean> {
  if (key || columns)
    throw new MedallionError('MDL1004', {
      message: '--key and --columns are for two relations.',
      hint: `For one model: mdl diff <model> --target ${b.name}`,
    });
  const diff = await diffEnvironments(a, b, options);
  print(json, diff, (table) => environmentDiffLines(diff, table));
  return diff.isEqual;
}

/** Targets count before relations: a model of such a name can be written with its layer. */
function isPairOfTargets({ options, environment }: OpenProject, { a, b }: Arguments): boolean {
  if (a === undefined && b === undefined) return environment !== undefined;
  return [a, b].every((name) => name !== undefined && options.targets.includes(name));
}

/** Both as they are in the database. @throws MedallionError MDL1004, MDL1006 */
async function openTargets(
  project: OpenProject,
  args: Arguments,
): Promise<readonly [ComparedTarget, ComparedTarget]> {
  if (args.a === undefined) {
    const resolved = await resolveProject(project);
    const { target, environment } = project.options;
    return [
      { name: environment!.from, project: resolved.environment!.production },
      { name: target, project: resolved },
    ];
  }
  const open = async (name: string): Promise<ComparedTarget> => ({
    name,
    project: await resolveProject(
      await openProject({ dir: args.projectDir, ...overridesOf(args), target: name }),
    ),
  });
  const [a, b] = [await open(args.a), await open(args.b!)];
  const [one, other] = [a.project.options, b.project.options];
  if (one.name === other.name && one.database === other.database)
    throw new MedallionError('MDL1004', {
      message: `${args.a} and ${args.b} are the same: both have the schemas of ${one.name}.`,
      hint: 'Compare a target with one of its environments; see docs/environments.md.',
    });
  return [a, b];
}

function print(json: boolean, diff: object, lines: (table: TableOptions) => string[]): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(diff, null, 2)}\n`);
    return;
  }
  const able = capabilities(process.stdout, process.env);
  const table = { width: tableWidth(process.stdout, able), style: makeStyle(able.color) };
  process.stdout.write(`${lines(table).join('\n')}\n`);
}

/** Columns as a list of names; one with a comma, or spaces around it, stands in double quotes. */
function names(flag: string, texts: readonly string[] | undefined): readonly string[] | undefined {
  return texts?.flatMap((text) => {
    const name = /\s*(?:"((?:[^"]|"")+)"|([^",]*[^",\s]))\s*(?:,|$)/y;
    const found: string[] = [];
    do {
      const match = name.exec(text);
      if (!match)
        throw new MedallionError('MDL1004', { message: `${flag} takes names of columns: a,b or "a, b",c.` });
      found.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    } while (name.lastIndex < text.length);
    return found;
  });
}
