import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HookFunction } from '../../config/define-hooks.js';
import type { HookDefinition } from '../../config/hooks-schema.js';
import { MedallionError, type Where } from '../../errors/index.js';
import type { HookMoment } from '../../events/events.js';
import { allReferences } from '../../graph/edges.js';
import type { Graph } from '../../graph/node.js';
import { checkNames } from '../../project/check-names.js';
import type { Project } from '../../project/read.js';
import { parseTemplate, type Template } from '../../project/template.js';

/** A hook of the project, ready to be called. */
export interface Hook {
  readonly moment: HookMoment;
  /** For messages: its own, or `on_run_end[0]`. */
  readonly name: string;
  readonly where: Where;
  readonly action:
    | { readonly kind: 'sql'; readonly template: Template; readonly isPlaced: boolean }
    | { readonly kind: 'function'; readonly run: HookFunction };
}

/** What a template of a hook may name at its top, beside helpers. */
export const hookNames = [
  'target',
  'run_id',
  'project',
  'command',
  'cause',
  'status',
  'counts',
  'published',
] as const;

/**
 * Reads and parses the hooks of a configuration: a name that nothing has is found before any run.
 * @throws MedallionError MDL7002, and what a template of a model throws: MDL1203, MDL1204, MDL1207, MDL1301, MDL1302
 */
export function parseHooks(project: Project, graph: Graph): readonly Hook[] {
  const { hooks } = project.options.hooks;
  let config: string | undefined;
  return hooks.map((definition) => {
    const { moment, name, action } = definition;
    const where = { file: project.options.configFile };
    if (action.kind === 'function') return { moment, name, where, action };
    config ??= readText(join(project.options.projectDir, project.options.configFile));
    const found = findText(definition, project, config);
    try {
      const template = parseTemplate(found.text, found.where.file);
      checkNames(template, project.macros, { values: hookNames });
      refuseUnknown(template, project, graph);
      return {
        moment,
        name,
        where: found.where,
        action: { kind: 'sql', template, isPlaced: found.isPlaced },
      };
    } catch (cause) {
      throw cause instanceof MedallionError ? named(name, cause, found) : cause;
    }
  });
}

interface Found {
  /** With lines and columns as in its file. */
  readonly text: string;
  readonly where: Where;
  /** False: where in the configuration it stands is not known, because it was put together there. */
  readonly isPlaced: boolean;
}

function findText({ name, action }: HookDefinition, project: Project, config: string): Found {
  const { projectDir, configFile } = project.options;
  if (action.kind === 'file') {
    const { file } = action;
    if (!existsSync(join(projectDir, file)))
      throw new MedallionError('MDL7002', {
        message: `The hook ${name}: there is no file ${file}.`,
        where: { file: configFile },
        hint: 'Paths are relative to the folder of the project.',
      });
    return { text: readText(join(projectDir, file)), where: { file, line: 1, column: 1 }, isPlaced: true };
  }
  const text = (action as { readonly text: string }).text;
  const at = config.indexOf(text);
  if (at < 0 || config.includes(text, at + 1)) return { text, where: { file: configFile }, isPlaced: false };
  const before = config.slice(0, at).split('\n');
  const column = before.at(-1)!.length;
  return {
    text: `${'\n'.repeat(before.length - 1)}${' '.repeat(column)}${text}`,
    where: { file: configFile, line: before.length, column: column + 1 },
    isPlaced: true,
  };
}

function readText(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n');
}

/** Hooks read what is published: each name must mean a relation. */
function refuseUnknown(template: Template, project: Project, graph: Graph): void {
  for (const { helper, name, where } of allReferences(template, project.macros)) {
    const node = graph.nodes.get(graph.resolve(helper, name, where))!;
    if (node.kind === 'model' && node.parsed.model.materialized === 'ephemeral')
      throw new MedallionError('MDL7002', {
        message: `${node.name} is ephemeral: there is no relation that a hook could name.`,
        where,
      });
  }
}

/** The same error, saying which hook it is about. */
function named(name: string, error: MedallionError, found: Found): MedallionError {
  const { message, where, hint, postgres } = error;
  return new MedallionError(error.code, {
    message: `The hook ${name}: ${message}`,
    where: found.isPlaced || where?.file !== found.where.file ? where : found.where,
    hint,
    cause: error,
    postgres,
  });
}
