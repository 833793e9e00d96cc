import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Argv } from 'yargs';
import { resolveProject } from '../build/environment/resolve.js';
import { openProject } from '../build/open-project.js';
import { relationFinder } from '../build/relation-finder.js';
import { createCompiler, hasRelation, standalone } from '../graph/compile.js';
import { openLineage } from '../graph/lineage/lineage.js';
import { lineageOfNodes } from '../graph/lineage/of-nodes.js';
import { manifest } from '../graph/manifest.js';
import { selectNodes } from '../graph/select.js';
import { plural } from '../text/format.js';
import { overridesOf, type ProjectArguments, projectFlags, selectionFlags } from './flags.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'The same as --select' })
    .options({
      ...projectFlags,
      ...selectionFlags,
      json: {
        type: 'boolean',
        default: false,
        describe: 'Print the manifest: nodes, edges, contracts, tests, SQL',
      },
    })
    .example('mdl compile', 'write the rendered SQL of every model to .medallion/compiled/')
    .example('mdl compile --json', 'print the whole graph for other tools');

interface Arguments extends ProjectArguments {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly models?: readonly string[];
  readonly json: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  const selection = { select: [...args.select, ...(args.models ?? [])], exclude: args.exclude };
  const project = await resolveProject(
    await openProject({ dir: args.projectDir, ...overridesOf(args) }),
    selection,
  );
  const { graph, options } = project;
  const selected = selectNodes(graph, selection, project.changes);
  const relations = relationFinder(project, new Set());
  const compiler = createCompiler(project.project, graph, relations.published);
  const compiled = new Map<string, string>();
  const onTop = new Map<string, string>();
  for (const name of graph.order) {
    const node = graph.nodes.get(name)!;
    if (!selected.has(name)) continue;
    if (node.kind === 'model') compiled.set(name, standalone(compiler.model(name)));
    if (node.kind === 'model' && node.parsed.model.incremental)
      onTop.set(name, standalone(compiler.model(name, { top: relations.published(name) })));
    if (node.kind === 'test' && node.singular)
      compiled.set(name, standalone(compiler.query(node.singular.template)));
  }
  if (args.json) {
    const lineageOf = lineageOfNodes({
      graph,
      find: await openLineage(),
      relationOf: (name) => (hasRelation(graph, name) ? relations.published(name) : undefined),
      sqlOf: (name) => compiled.get(name) ?? standalone(compiler.model(name)),
      columnsOf: () => undefined,
    });
    process.stdout.write(
      `${JSON.stringify(manifest(project.options, graph, selected, compiled, lineageOf), null, 2)}\n`,
    );
    return;
  }
  const folder = join(options.projectDir, '.medallion', 'compiled');
  rmSync(folder, { recursive: true, force: true });
  const write = (name: string, sql: string, ending: string) => {
    const path = join(folder, graph.nodes.get(name as never)!.file.replace(/\.sql$/, ending));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${sql};\n`);
  };
  for (const [name, sql] of compiled) write(name, sql, '.sql');
  for (const [name, sql] of onTop) write(name, sql, '.incremental.sql');
  process.stdout.write(`Compiled ${plural(compiled.size, 'file')} to .medallion/compiled/.\n`);
}
