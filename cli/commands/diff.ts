import type { Argv } from 'yargs';
import { diffNamed } from '../build/diff/index.js';
import { resolveProject } from '../build/environment/resolve.js';
import { openProject } from '../build/open-project.js';
import { MedallionError } from '../errors/index.js';
import { diffLines } from '../report/diff.js';
import { capabilities, makeStyle, tableWidth } from '../report/style.js';
import { overridesOf, type ProjectArguments, projectFlags, requireLimit } from './flags.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('a', {
      type: 'string',
      demandOption: true,
      describe: 'A model, a bronze table, or schema.table',
    })
    .positional('b', { type: 'string', demandOption: true, describe: 'What to compare it with' })
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
    .example('mdl diff silver.pedidos bronze.pedidos --key id_pedido', 'by another key');

interface Arguments extends ProjectArguments {
  readonly a: string;
  readonly b: string;
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
  const project = await resolveProject(await openProject({ dir: args.projectDir, ...overridesOf(args) }));
  const diff = await diffNamed(project, [args.a, args.b], options);
  if (args.json) process.stdout.write(`${JSON.stringify(diff, null, 2)}\n`);
  else {
    const able = capabilities(process.stdout, process.env);
    const table = { width: tableWidth(process.stdout, able), style: makeStyle(able.color) };
    process.stdout.write(`${diffLines(diff, { a: args.a, b: args.b }, table).join('\n')}\n`);
  }
  if (!diff.isEqual) process.exitCode = 1;
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
