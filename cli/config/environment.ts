import { hash } from 'node:crypto';
import { didYouMean, MedallionError } from '../errors/index.js';
import { noGrants } from './grants.js';
import type { Layer, Options } from './options.js';
import type { CheckedConfig } from './schema.js';

export type TargetSettings = CheckedConfig['targets'][string];

/** What a target without a name of its own is called. */
const unnamed = 'default';
/** Room for `mdl-run:<project>:<token>:side`, which Postgres cuts off at 63 bytes. */
const longestKey = 41;

/** The target without `--target`: never an environment, unless the configuration says so. */
export function defaultTarget(config: CheckedConfig): string {
  return config.defaultTarget ?? plainTarget(config);
}

/** What a name of `--target` or `from` means: `default` may be any target that is no environment, or the configuration alone. */
export function meantTarget(config: CheckedConfig, name: string): string {
  return name === unnamed && !config.targets[unnamed] ? plainTarget(config) : name;
}

/** The target without `--target`, or the first one, that is no environment. */
function plainTarget({ targets, defaultTarget }: CheckedConfig): string {
  const candidates = [...(defaultTarget === undefined ? [] : [defaultTarget]), ...Object.keys(targets)];
  return candidates.find((name) => targets[name] && !targets[name].from) ?? unnamed;
}

/** All that `--target` takes. */
export function targetNames({ targets }: CheckedConfig): readonly string[] {
  return [...new Set([...Object.keys(targets), unnamed])];
}

/**
 * The settings of the target that an environment reads from; undefined: the configuration alone.
 * @throws MedallionError MDL1009
 */
export function productionOf(
  config: CheckedConfig,
  target: string,
  configFile: string,
): { readonly target: string; readonly settings: TargetSettings | undefined } {
  const { from, database } = config.targets[target]!;
  const refuse = refusal(target, configFile);
  const name = meantTarget(config, from!);
  const settings = config.targets[name];
  if (!settings && name !== unnamed)
    throw refuse(`there is no target "${from}" to read from.`, didYouMean(name, Object.keys(config.targets)));
  if (name === target || settings?.from)
    throw refuse(
      `it reads from "${from}", which is ${name === target ? 'itself' : 'an environment'}.`,
      'Name the target whose relations are to be read.',
    );
  if ((database || undefined) !== undefined && database !== (settings?.database ?? config.database))
    throw refuse(
      `its database is another one than that of ${name}; relations are read where they are.`,
      'Leave database out of the environment, or from out of the target.',
    );
  return { target: name, settings };
}

/**
 * What is said of an environment is said of none: taken for one, it would build where it must not.
 * @throws MedallionError MDL1009
 */
export function requireFrom(settings: TargetSettings | undefined, target: string, configFile: string): void {
  if (!settings || settings.from !== undefined) return;
  const found = (['schemas', 'grants'] as const).find((name) => settings[name] !== undefined);
  if (found)
    throw refusal(target, configFile)(
      `it has "${found}", which is for an environment, and does not say which target it reads from.`,
      `Add it: from: 'prod'; or 'default', the configuration alone.`,
    );
}

/**
 * Turns the options of a target into those of an environment: schemas, state and lock of its own, nothing that PostgREST exposes, nobody who is told.
 * @param production the same project as it is in production, with the environment's variables
 * @throws MedallionError MDL1009 when schemas meet, or are too long
 */
export function makeEnvironment(production: Options, config: CheckedConfig, target: string): Options {
  const from = productionOf(config, target, production.configFile).target;
  const { grants = false } = config.targets[target]!;
  const schemas = schemasOf(config, target);
  const refuse = refusal(target, production.configFile);
  if (!schemas.includes('{schema}'))
    throw refuse(
      `schemas: '${schemas}' does not say where the layer's schema goes.`,
      "For example: schemas: 'dev_{schema}'.",
    );
  const place = (schema: string) => schemas.replaceAll('{schema}', schema);
  const layers = new Map(
    [...production.layers].map(([name, layer]): [string, Layer] => {
      const schema = place(layer.schema);
      if (Buffer.byteLength(schema) > 63)
        throw refuse(
          `the schema "${schema}" has more than 63 bytes.`,
          `Choose shorter ones: schemas: 'd_{schema}'.`,
        );
      return [name, { ...layer, schema, expose: false, grants: grants ? layer.grants : noGrants }];
    }),
  );
  const taken = takenSchemas(production, config, target);
  for (const { schema } of layers.values()) {
    const by = taken.get(schema);
    if (by !== undefined)
      throw refuse(
        `its schema "${schema}" is one of ${by}.`,
        "Leave schemas out, or choose others: schemas: '{schema}__dev'.",
      );
    taken.set(schema, `its other layers`);
  }
  const bronze = new Map(
    [...production.bronze].map(([name, table]) => [
      name,
      {
        ...table,
        relation: { ...table.relation, schema: layers.get('bronze')!.schema },
        grants: grants ? table.grants : noGrants,
      },
    ]),
  );
  return {
    ...production,
    name: environmentKey(production.name, target),
    layers,
    bronze,
    serve: { ...production.serve, fronts: frontsOf(production, layers) },
    generate: {
      ...production.generate,
      schemas: withOwn(production.generate.schemas, layers, production),
    },
    channels: [],
    environment: { production, from, grants },
  };
}

function schemasOf({ targets }: CheckedConfig, target: string): string {
  return targets[target]!.schemas ?? `{schema}__${target}`;
}

/** Schemas that are not to be had, and whose they are: those of the project itself and of its other environments. */
function takenSchemas(production: Options, config: CheckedConfig, target: string): Map<string, string> {
  const layers = [...production.layers.values()];
  const others = Object.keys(config.targets).filter(
    (name) => name !== target && config.targets[name]!.from !== undefined,
  );
  return new Map([
    ...others.flatMap((name) =>
      layers.map(
        ({ schema }) =>
          [schemasOf(config, name).replaceAll('{schema}', schema), `the environment ${name}`] as const,
      ),
    ),
    ...layers.map(({ schema }) => [schema, `${production.name} itself`] as const),
    ['medallion', 'Medallion'],
  ]);
}

/** The schemas of the environment, by those that are exposed. */
function frontsOf(production: Options, layers: ReadonlyMap<string, Layer>): ReadonlyMap<string, string> {
  const exposed = [...production.layers].filter(([, { schema }]) =>
    production.serve.schemas.includes(schema),
  );
  return new Map(exposed.map(([name, { schema }]) => [schema, layers.get(name)!.schema]));
}

/** Schemas of layers in the environment before those that it reads. */
function withOwn(
  schemas: readonly string[],
  layers: ReadonlyMap<string, Layer>,
  production: Options,
): readonly string[] {
  const own = [...production.layers.values()]
    .filter(({ schema }) => schemas.includes(schema))
    .map(({ name }) => layers.get(name)!.schema);
  return [...own, ...schemas];
}

/** Under which an environment keeps its state: `loja@dev`. It becomes part of names of schemas and connections, so it is short and plain. */
function environmentKey(project: string, target: string): string {
  const key = `${project}@${target}`;
  return /^[a-z0-9_@]+$/.test(key) && key.length <= longestKey
    ? key
    : `${project}@${hash('sha256', target, 'hex').slice(0, 10)}`;
}

function refusal(target: string, configFile: string) {
  return (message: string, hint?: string) =>
    new MedallionError('MDL1009', {
      message: `targets.${target}: ${message}`,
      where: { file: configFile },
      hint,
    });
}
