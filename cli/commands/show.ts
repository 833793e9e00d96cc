import type { Argv } from 'yargs';
import { toMedallionError } from '../build/errors.js';
import { openDatabase } from '../build/open-database.js';
import { openProject } from '../build/open-project.js';
import { relationFinder } from '../build/relation-finder.js';
import { quoteRelation } from '../database/identifiers.js';
import { errorCode } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import { isEphemeral } from '../graph/compile.js';
import { plural } from '../report/format.js';
import { capabilities, makeStyle } from '../report/style.js';
import { formatCsv, formatTable } from '../report/table.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';

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
  if (!Number.isInteger(args.limit) || args.limit < 0)
    throw new MedallionError('MDL1004', { message: '--limit takes a whole number.' });
  const project = await openProject({ dir: args.projectDir, ...overridesOf(args) });
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
    const sql = database.connect({ max: 1, applicationName: 'mdl' });
    const statement = `select * from ${quoteRelation(relation)}${args.where ? ` where (${args.where}\n)` : ''}${order ? ` order by ${order}` : ''} limit ${args.limit + 1}`;
    // The text form of each value, as Postgres prints it, and the type for the alignment.
    const described = await sql.unsafe(statement).describe();
    const columns = described.columns.map((column) => column.name);
    const numeric = new Set([20, 21, 23, 700, 701, 1700]);
    const list = columns.map((_, i) => `c${i}::text as c${i}`).join(', ');
    const rows = await sql.unsafe<Record<string, string | null>[]>(
      `select ${list} from (${statement}) as shown (${columns.map((_, i) => `c${i}`).join(', ')})`,
    );
    const cells = rows.slice(0, args.limit).map((row) => columns.map((_, i) => row[`c${i}`]!));
    print(
      args,
      columns.map((column, i) => ({
        name: column,
        align: numeric.has(described.columns[i]!.type) ? 'right' : 'left',
      })),
      cells,
      rows.length > args.limit,
    );
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

function print(
  args: Arguments,
  columns: { name: string; align: 'left' | 'right' }[],
  cells: (string | null)[][],
  more: boolean,
): void {
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
    `${formatTable(columns, cells, { width: process.stdout.isTTY ? able.columns : 10_000, style })}\n`,
  );
  process.stdout.write(
    `${style.dim(more ? `the first ${plural(cells.length, 'row')}; more with --limit` : plural(cells.length, 'row'))}\n`,
  );
}
