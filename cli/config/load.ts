import { join } from 'node:path';
import { describeIssue, didYouMean, formatPath, MedallionError } from '../errors/index.js';
import { attemptOptions } from './attempts.js';
import { makeBronze } from './bronze.js';
import { dashboardSchema } from './dashboard-schema.js';
import {
  defaultTarget,
  makeEnvironment,
  meantTarget,
  productionOf,
  requireFrom,
  targetNames,
} from './environment.js';
import { findProjectDir } from './find-project.js';
import { noGrants } from './grants.js';
import { hookOptions, knownHookKeys } from './hooks-schema.js';
import { makeLayers } from './layers.js';
import { typeScriptLoader } from './load-typescript.js';
import { channelOptions, knownNotifyKeys } from './notify-schema.js';
import type { AuthOptions, Layer, Options, Overrides } from './options.js';
import { knownRlsKeys } from './rls.js';
import { scheduleOptions, scheduleSettings } from './schedule-schema.js';
import { type CheckedConfig, configSchema } from './schema.js';
import { knownServeKeys } from './serve-schema.js';
import { historyOptions, knownHistoryKeys, knownTelemetryKeys, traceOptions } from './telemetry-schema.js';
import { toMilliseconds } from './time.js';
import { knownTriggerKeys, triggerOptions } from './trigger-schema.js';

/**
 * Reads the configuration of the project that `startDir` lies in, checks it and lets flags override it.
 * @throws MedallionError MDL1001, MDL1002 (it does not load), MDL1003 (a setting is wrong), MDL1006 (unknown target), MDL1009 (an environment that cannot be)
 */
export async function loadOptions(startDir: string, overrides: Overrides = {}): Promise<Options> {
  const { projectDir, configFile } = findProjectDir(startDir);
  const config = checkConfig(await loadConfigFile(projectDir, configFile), configFile);
  const { target, settings } = chooseTarget(config, configFile, overrides.target);
  requireFrom(settings, target, configFile);
  const layers = makeLayers(config, configFile);
  const bronze = await makeBronze(config, {
    projectDir,
    configFile,
    grants: config.grants.bronze ?? noGrants,
  });
  const production = settings?.from ? productionOf(config, target, configFile).settings : undefined;
  const options: Options = Object.freeze({
    projectDir,
    configFile,
    name: config.name,
    target,
    targets: targetNames(config),
    database: (settings?.database ?? production?.database ?? config.database) || undefined,
    layers,
    bronze,
    postgrest: { role: config.postgrest.role, schemas: config.postgrest.schemas },
    vars: Object.freeze({ ...config.vars, ...production?.vars, ...settings?.vars, ...overrides.vars }),
    threads: overrides.threads ?? settings?.threads ?? production?.threads ?? config.threads,
    serve: {
      ...config.serve,
      schemas: config.serve.schemas ?? defaultSchemas([...layers.values()]),
      fronts: new Map(),
      maxRows: config.serve.maxRows ?? undefined,
      maxCost: config.serve.maxCost ?? undefined,
      rateLimit: config.serve.rateLimit ?? undefined,
      auth: authOptions(config.serve.auth),
    },
    dashboards: Object.entries(config.dashboards).map(([name, dashboard]) => ({ name, ...dashboard })),
    schedules: scheduleOptions(config.schedule ?? {}),
    hooks: hookOptions(config.hooks),
    channels: channelOptions(config.notify),
    triggers: triggerOptions(config.triggers, Object.keys(config.sources), configFile),
    generate: {
      dir: config.generate.dir,
      schemas: config.generate.schemas ?? [...new Set([...layers.values()].map(({ schema }) => schema))],
    },
    history: historyOptions(config.history),
    traces: traceOptions(config.telemetry, config.name, process.env),
    statementTimeout: config.statementTimeout,
    attempts: attemptOptions(config),
    publishTimeoutMs: toMilliseconds(config.publishTimeout),
  });
  return settings?.from ? Object.freeze(makeEnvironment(options, config, target)) : options;
}

function authOptions(auth: CheckedConfig['serve']['auth']): AuthOptions | undefined {
  if (!auth) return undefined;
  const { keys = [], jwt, anonymous = keys.length === 0 } = auth;
  if (!jwt) return { keys, anonymous, jwt };
  const { secret, publicKey, jwks, audience, issuer, roleClaim } = jwt;
  const clockSkew = toMilliseconds(jwt.clockSkew) / 1000;
  return {
    keys,
    anonymous,
    jwt: { secret, publicKey, jwks, audience, issuer, roleClaim, clockSkew },
  };
}

/** What is exposed without a word of it: the layers that say so, or the last one. */
function defaultSchemas(layers: readonly Layer[]): readonly string[] {
  const exposed = layers.filter(({ expose }) => expose);
  return (exposed.length > 0 ? exposed : layers.slice(-1)).map(({ schema }) => schema);
}

async function loadConfigFile(projectDir: string, configFile: string): Promise<unknown> {
  const path = join(projectDir, configFile);
  let exported: Record<string, unknown>;
  try {
    exported = await (await typeScriptLoader(projectDir)).load(path);
  } catch (cause) {
    if (cause instanceof MedallionError) throw cause;
    const place = /\((\d+):(\d+)\)/.exec(String(cause));
    throw new MedallionError('MDL1002', {
      message: `${configFile} cannot be loaded: ${cause instanceof Error ? cause.message.replaceAll(path, configFile) : String(cause)}`,
      where: {
        file: configFile,
        line: place ? Number(place[1]) : undefined,
        column: place ? Number(place[2]) + 1 : undefined,
      },
      cause,
    });
  }
  if (!('default' in exported)) {
    throw new MedallionError('MDL1002', {
      message: `${configFile} has no default export.`,
      where: { file: configFile },
    });
  }
  return exported.default;
}

function checkConfig(value: unknown, configFile: string): CheckedConfig {
  // A parser that zod compiles pays only for many values.
  const checked = configSchema.safeParse(value, { jitless: true });
  if (checked.success) return checked.data;
  const issue = describeIssue(checked.error, (path) => knownSettings(path));
  throw new MedallionError('MDL1003', {
    message: `${formatPath(issue.path) || 'the configuration'}: ${issue.message}`,
    where: { file: configFile },
    hint: issue.hint,
  });
}

function knownSettings(path: readonly PropertyKey[]): string[] {
  const shapes = configSchema.shape;
  if (path.length === 0) return Object.keys(shapes);
  if (path[0] === 'layers' && path[2] === 'rls') return [...knownRlsKeys(path.slice(3))];
  if (path[0] === 'postgrest') return Object.keys(shapes.postgrest.unwrap().shape);
  if (path[0] === 'dashboards') return Object.keys(dashboardSchema.shape);
  if (path[0] === 'schedule') return scheduleSettings;
  const known = {
    hooks: knownHookKeys,
    history: knownHistoryKeys,
    telemetry: knownTelemetryKeys,
    notify: knownNotifyKeys,
    serve: knownServeKeys,
    triggers: knownTriggerKeys,
  }[String(path[0])];
  if (known) return known(path.slice(1));
  if (path[0] === 'generate') return Object.keys(shapes.generate.unwrap().shape);
  const section = {
    bronze: shapes.bronze.unwrap().valueType,
    layers: shapes.layers.unwrap().valueType,
    grants: shapes.grants.unwrap().valueType,
    targets: shapes.targets.unwrap().valueType,
  }[String(path[0])];
  return section ? Object.keys(section.shape) : [];
}

function chooseTarget(config: CheckedConfig, configFile: string, wanted: string | undefined) {
  const target = wanted === undefined ? defaultTarget(config) : meantTarget(config, wanted);
  const settings = config.targets[target];
  if (!settings && ![undefined, 'default'].includes(wanted ?? config.defaultTarget)) {
    throw new MedallionError('MDL1006', {
      message: `There is no target "${target}".`,
      where: { file: configFile },
      hint: didYouMean(target, Object.keys(config.targets)),
    });
  }
  return { target, settings };
}
