import type { Argv } from 'yargs';
import { resolveProject } from '../build/environment/resolve.js';
import { toMedallionError } from '../build/errors.js';
import { openDatabase } from '../build/open-database.js';
import { openProject } from '../build/open-project.js';
import { relationFinder } from '../build/relation-finder.js';
import { quoteRelation } from '../database/identifiers.js';
import { errorCode } from '../database/postgres-error.js';
import { readTextRows } from '../database/text-rows.js';
import { MedallionError } from '../errors/index.js';
import type { TextRows } from '../events/events.js';
import { isEphemeral } from '../graph/compile.js';
import { capabilities, makeStyle, tableWidth } from '../report/style.js';
import { alignColumn, formatCsv, formatTable } from '../report/table.js';
import { plural } from '../text/format.js';
import { overridesOf, type ProjectArguments, projectFlags, requireLimit } from './flags.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('model', { type: 'string', demandOption: true, describe: 'A model or bronze table' })
    .options({
      ...projectFlags,
      limit: { type: 'number', default: 20, describe: 'Rows at most' },
      where: { type: 'string', describe: 'SQL condition' },
      'order-by': { type: 'string', describe: 'SQL expressions to sort by; default: the primary key' },
      output: {
        choices: ['table', 'csv', 'json'] as const,
        default: 'table' as const,
        describe: 'How to print',
      },
    })
    .example('mdl show gold.vendas_por_mes', 'the first 20 published rows')
    .example(`mdl show silver.pedidos --where "status = 'entregue'" --limit 5`, 'some of them');

interface Arguments extends ProjectArguments {
  readonly model: string;
  readonly limit: number;
  readonly where?: string;
  readonly orderBy?: string;
  readonly output: 'table' | 'csv' | 'json';
}

export async function handler(args: Arguments): Promise<void> {
  requireLimit(args.limit, 0);
  const project = await resolveProject(await openProject({ dir: args.projectDir, ...overridesOf(args) }));
  const name = project.graph.resolve('ref', args.model);
  if (isEphemeral(project.graph, name))
    throw new MedallionError('MDL1004', {
      message: `${name} is ephemeral: it has no rows of its own.`,
      hint: 'See its SQL with: npx mdl compile',
    });
  const node = project.graph.nodes.get(name)!;
  const relation = relationFinder(project, new Set()).published(name);
  const key =
    node.kind === 'model' && project.graph.nodes.has(name) ? node.parsed.model.contract.primaryKey : [];
  const order = args.orderBy ?? key.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ');
  const database = await openDatabase(project.options);
  try {
    const { statementTimeout } = project.options;
    const sql = database.connect({ max: 1, applicationName: 'mdl', statementTimeout });
    const statement = `select * from ${quoteRelation(relation)}${args.where ? ` where (${args.where}\n)` : ''}${order ? ` order by ${order}` : ''} limit ${args.limit + 1}`;
    const { columns, rows } = await readTextRows(sql, statement, args.limit + 1);
    print(args, columns, rows.slice(0, args.limit), rows.length > args.limit);
  } catch (cause) {
    if (errorCode(cause) === '42P01')
      throw new MedallionError('MDL1301', {
        message: `${name} has not been published yet.`,
        hint: 'Build it first: npx mdl build',
        cause,
      });
    throw toShowError(cause);
  } finally {
    await database.close();
  }
}

/** A condition or order of the user's that Postgres refuses is wrong usage. */
function toShowError(cause: unknown): MedallionError {
  const error = toMedallionError(cause);
  return error.postgres && /^42|^22/.test(error.postgres.sqlstate) && error.code === 'MDL9001'
    ? new MedallionError('MDL1004', { message: error.message, cause, postgres: error.postgres })
    : error;
}

function print(args: Arguments, columns: TextRows['columns'], cells: TextRows['rows'], more: boolean): void {
  if (args.output === 'csv') {
    process.stdout.write(
      `${formatCsv(
        columns.map(({ name }) => name),
        cells,
      )}\n`,
    );
    return;
  }
  if (args.output === 'json') {
    process.stdout.write(
      `${JSON.stringify(
        cells.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]]))),
        null,
        2,
      )}\n`,
    );
    return;
  }
  const able = capabilities(process.stdout, process.env);
  const style = makeStyle(able.color);
  process.stdout.write(
    `${formatTable(columns.map(alignColumn), cells, { width: tableWidth(process.stdout, able), style })}\n`,
  );
  process.stdout.write(
    `${style.dim(more ? `the first ${plural(cells.length, 'row')}; more with --limit` : plural(cells.length, 'row'))}\n`,
  );
}
