import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { typeScriptLoader } from '../config/load-typescript.js';
import type { Layer, Options } from '../config/options.js';
import { maxIdentifierBytes } from '../database/identifiers.js';
import { didYouMean, MedallionError } from '../errors/index.js';
import { checkNames } from './check-names.js';
import { type Macros, readMacros } from './macros.js';
import { policyConditions } from './model.js';
import { type ParsedModel, parseModel } from './parse-model.js';
import { pathsBelow } from './paths-below.js';
import { contextNames, createRenderer, intervalNames, type Renderer } from './render.js';
import { parseSingularTest, type SingularTest } from './singular-test.js';

/** A project's files, read and parsed. */
export interface Project {
  readonly options: Options;
  /** In the order of their file names; disabled ones are left out. */
  readonly models: readonly ParsedModel[];
  readonly singularTests: readonly SingularTest[];
  readonly macros: Macros;
  readonly renderer: Renderer;
}

/**
 * Reads `models/`, `macros/` and `tests/`.
 * @throws MedallionError MDL1201 to MDL1216, with the file and place
 */
export async function readProject(options: Options): Promise<Project> {
  const { projectDir } = options;
  const typescript = once(() => typeScriptLoader(projectDir));
  const macros = await readMacros(projectDir, filesBelow(projectDir, 'macros', ['.hbs', '.ts']), typescript);
  const models = filesBelow(projectDir, 'models', ['.sql'])
    .map((file) =>
      parseModel(
        readFileSync(join(projectDir, file), 'utf8'),
        file,
        layerOf(file, options),
        options.configFile,
      ),
    )
    .filter(({ model }) => model.enabled);
  const singularTests = filesBelow(projectDir, 'tests', ['.sql'])
    .map((file) => parseSingularTest(readFileSync(join(projectDir, file), 'utf8'), file))
    .filter((test) => test.enabled);
  refuseDuplicates([...models.map(({ model }) => model), ...singularTests]);
  const policies = models.flatMap(({ model }) => policyConditions(model)).map(({ template }) => template);
  for (const { model, template } of models)
    checkNames(template, macros, {
      isIncremental: model.incremental !== null,
      values:
        model.incremental?.strategy === 'time_range' ? [...contextNames, ...intervalNames] : contextNames,
    });
  for (const template of [...singularTests.map((test) => test.template), ...policies])
    checkNames(template, macros);
  for (const macro of macros.values())
    if (macro.kind === 'partial') checkNames(macro.template, macros, { isPartial: true });
  return { options, models, singularTests, macros, renderer: createRenderer(macros) };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Files below a folder of the project, as sorted relative paths with `/`. */
function filesBelow(projectDir: string, folder: string, endings: readonly string[]): string[] {
  const root = join(projectDir, folder);
  if (!existsSync(root)) return [];
  return pathsBelow(root)
    .filter(({ isFolder }) => !isFolder)
    .map(({ path }) => `${folder}/${relative(root, path).replaceAll('\\', '/')}`)
    .filter(
      (path) =>
        endings.some((ending) => path.endsWith(ending)) &&
        !path.endsWith('.test.ts') &&
        !path.endsWith('.d.ts'),
    )
    .sort();
}

function layerOf(file: string, options: Options): Layer {
  const parts = file.split('/');
  const where = { file };
  const modelLayers = [...options.layers.keys()].filter((name) => name !== 'bronze');
  if (parts.length < 3)
    throw new MedallionError('MDL1211', {
      message: `${file} is in no layer.`,
      where,
      hint: `Move it to models/${modelLayers[0] ?? 'silver'}/.`,
    });
  const layer = options.layers.get(parts[1]!);
  if (!layer || layer.rank === 0) {
    throw new MedallionError('MDL1211', {
      message: layer
        ? `${file}: bronze tables are loaded, not modelled.`
        : `${file}: there is no layer "${parts[1]}".`,
      where,
      hint: layer
        ? 'Configure them under bronze in medallion.config.ts.'
        : didYouMean(parts[1]!, modelLayers),
    });
  }
  const name = parts.at(-1)!.slice(0, -'.sql'.length);
  if (name === '' || Buffer.byteLength(name) > maxIdentifierBytes || name.includes('.')) {
    throw new MedallionError('MDL1211', {
      message: `"${name}" cannot name a relation.`,
      where,
      hint: `A model's file name has 1 to ${maxIdentifierBytes} bytes and no dot.`,
    });
  }
  return layer;
}

function refuseDuplicates(files: readonly { readonly name: string; readonly file: string }[]): void {
  const seen = new Map<string, string>();
  for (const { name, file } of files) {
    const before = seen.get(name);
    if (before)
      throw new MedallionError('MDL1210', {
        message: `${before} and ${file} are both named ${name}.`,
        where: { file, line: 1, column: 1 },
      });
    seen.set(name, file);
  }
}
