import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Macro } from '../config/define-macro.js';
import type { TypeScriptLoader } from '../config/load-typescript.js';
import { MedallionError, type Where } from '../errors/index.js';
import { parseTemplate, type Template } from './template.js';

/** A reusable piece of SQL: a Handlebars partial or a typed function. */
export type MacroDefinition =
  | { readonly kind: 'partial'; readonly file: string; readonly template: Template }
  | FunctionMacro;

export interface FunctionMacro {
  readonly kind: 'function';
  readonly file: string;
  readonly description: string;
  readonly render: (...values: unknown[]) => unknown;
}

export type Macros = ReadonlyMap<string, MacroDefinition>;

const reserved = new Set([
  'ref',
  'source',
  'this',
  'var',
  'env',
  'target',
  'incremental',
  'if',
  'unless',
  'each',
  'with',
  'lookup',
  'log',
  'from',
  'to',
]);

/**
 * Reads `macros/`: each `.hbs` file is a partial named like the file, each `.ts` file exports macros made with `defineMacro`.
 * @param files paths relative to the project, in order
 * @throws MedallionError MDL1203, MDL1209, MDL1210
 */
export async function readMacros(
  projectDir: string,
  files: readonly string[],
  typescript: () => Promise<TypeScriptLoader>,
): Promise<Macros> {
  const macros = new Map<string, MacroDefinition>();
  const add = (name: string, macro: MacroDefinition) => {
    const before = macros.get(name);
    const clash = before?.file ?? (reserved.has(name) ? 'a built-in helper' : undefined);
    if (clash)
      throw new MedallionError('MDL1210', {
        message: `The macro "${name}" in ${macro.file} has the name of ${before ? `one in ${clash}` : clash}.`,
        where: { file: macro.file },
      });
    macros.set(name, macro);
  };
  for (const file of files) {
    if (file.endsWith('.hbs')) {
      const text = readFileSync(join(projectDir, file), 'utf8');
      // The newline that ends the file would otherwise break the line in the middle of an expression.
      add(file.slice(file.lastIndexOf('/') + 1, -'.hbs'.length), {
        kind: 'partial',
        file,
        template: parseTemplate(text.replaceAll('\r\n', '\n').trimEnd(), file),
      });
    } else {
      for (const [name, macro] of await loadFunctions(projectDir, file, typescript)) add(name, macro);
    }
  }
  return macros;
}

async function loadFunctions(
  projectDir: string,
  file: string,
  typescript: () => Promise<TypeScriptLoader>,
): Promise<[string, MacroDefinition][]> {
  let exported: Record<string, unknown>;
  try {
    exported = await (await typescript()).load(join(projectDir, file));
  } catch (cause) {
    const message =
      cause instanceof Error ? cause.message.replaceAll(join(projectDir, file), file) : String(cause);
    throw new MedallionError('MDL1209', {
      message: `${file} cannot be loaded: ${message}`,
      where: { file },
      cause,
    });
  }
  const found = Object.entries(exported).filter(([, value]) => isMacro(value));
  const wrong = Object.keys(exported).find((name) => name === 'default');
  if (found.length === 0 || wrong) {
    throw new MedallionError('MDL1209', {
      message: wrong ? `${file} has a default export; a macro needs a name.` : `${file} exports no macro.`,
      where: { file },
    });
  }
  return found.map(([name, value]) => {
    const macro = value as Macro;
    return [
      name,
      {
        kind: 'function',
        file,
        description: macro.description,
        render: macro.render as unknown as (...values: unknown[]) => unknown,
      },
    ];
  });
}

function isMacro(value: unknown): value is Macro {
  return typeof value === 'object' && value !== null && (value as Partial<Macro>).isMedallionMacro === true;
}

/**
 * Calls a macro in TypeScript.
 * @param where the call, for errors
 * @throws MedallionError MDL1205: it threw, or returned no text
 */
export function callFunction(
  name: string,
  macro: FunctionMacro,
  values: readonly unknown[],
  where: Where | undefined,
): string {
  let sql: unknown;
  try {
    sql = macro.render(...values);
  } catch (cause) {
    if (cause instanceof MedallionError) throw cause;
    throw new MedallionError('MDL1205', {
      message: `The macro ${name} (${macro.file}) failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      where,
      cause,
    });
  }
  if (typeof sql !== 'string') {
    throw new MedallionError('MDL1205', {
      message: `The macro ${name} (${macro.file}) returned ${sql === null ? 'null' : typeof sql}, not SQL text.`,
      where,
    });
  }
  return sql;
}
