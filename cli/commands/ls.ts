import type { Argv } from 'yargs';
import { describeTarget } from '../build/environment/environment.js';
import { resolveProject } from '../build/environment/resolve.js';
import { openProject } from '../build/open-project.js';
import { selectNodes } from '../graph/select.js';
import { capabilities, makeStyle } from '../report/style.js';
import { formatTable } from '../report/table.js';
import { overridesOf, type ProjectArguments, projectFlags, selectionFlags } from './flags.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'The same as --select' })
    .options({
      ...projectFlags,
      ...selectionFlags,
      output: {
        choices: ['table', 'name', 'json'] as const,
        default: 'table' as const,
        describe: 'How to list',
      },
    })
    .example('mdl ls', 'list everything')
    .example('mdl ls +gold.vendas_por_mes --output name', 'names of all that one model needs');

interface Arguments extends ProjectArguments {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly models?: readonly string[];
  readonly output: 'table' | 'name' | 'json';
}

export async function handler(args: Arguments): Promise<void> {
  const selection = { select: [...args.select, ...(args.models ?? [])], exclude: args.exclude };
  const project = await resolveProject(
    await openProject({ dir: args.projectDir, ...overridesOf(args) }),
    selection,
  );
  const { graph } = project;
  const selected = selectNodes(graph, selection, project.changes);
  const nodes = graph.order.filter((name) => selected.has(name)).map((name) => graph.nodes.get(name)!);
  const rows = nodes.map((node) => {
    const how =
      node.kind === 'load'
        ? node.table.strategy
        : node.kind === 'model'
          ? node.parsed.model.materialized
          : 'test';
    return {
      name: node.name,
      kind: node.kind,
      materialized: how,
      parents: node.parents,
      tags: node.tags,
      ...describeTarget(project, node.name),
      file: node.file,
    };
  });
  if (args.output === 'name') process.stdout.write(rows.map((row) => `${row.name}\n`).join(''));
  else if (args.output === 'json')
    process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  else {
    const able = capabilities(process.stdout, process.env);
    const names = ['name', 'kind', 'how', ...(project.environment ? ['target'] : []), 'reads', 'file'];
    const columns = names.map((name) => ({ name, align: 'left' as const }));
    const cells = rows.map((row) => [
      row.name,
      row.kind,
      row.materialized,
      ...(project.environment ? [row.why ? `${row.target}: ${row.why}` : (row.target ?? '')] : []),
      row.parents.join(', '),
      row.file,
    ]);
    process.stdout.write(
      `${formatTable(columns, cells, { width: process.stdout.isTTY ? able.columns : 10_000, style: makeStyle(able.color) })}\n`,
    );
  }
}
