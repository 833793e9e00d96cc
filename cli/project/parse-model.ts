import { attemptOptions } from '../config/attempts.js';
import { mergeGrants } from '../config/grants.js';
import type { Layer } from '../config/options.js';
import { toMilliseconds } from '../config/time.js';
import { MedallionError, type Where } from '../errors/index.js';
import { checkModelCharts } from './charts/check-model.js';
import { parseCharts } from './charts/parse.js';
import { checkKeyColumns, refuseUnenforceable } from './check-contract.js';
import { checkDistribution, parseDistribution } from './check-distribution.js';
import { parseFrontMatter, splitFrontMatter } from './front-matter.js';
import { parseIncremental } from './incremental.js';
import type { Contract, ForeignKey, Model, NodeName, TestDeclaration } from './model.js';
import { knownModelKeys, modelSchema } from './model-schema.js';
import { parsePolicies } from './parse-policies.js';
import { parseSnapshot, snapshotContract } from './snapshot.js';
import { parseTemplate, type Template } from './template.js';

/** A model and its template, parsed. */
export interface ParsedModel {
  readonly model: Model;
  readonly template: Template;
}

/**
 * Parses one file of `models/`.
 * @param file path relative to the project, with `/`
 * @param configFile where settings of the layer stand
 * @throws MedallionError MDL1201, MDL1202, MDL1203, MDL1207, MDL1212, MDL1213, MDL1215, MDL1217
 */
export function parseModel(text: string, file: string, layer: Layer, configFile: string): ParsedModel {
  const split = splitFrontMatter(text, file);
  const front = parseFrontMatter(split, file, modelSchema, knownModelKeys);
  const { value, whereIs } = front;
  const relationName = file.slice(file.lastIndexOf('/') + 1, -'.sql'.length);
  const columns = value.columns
    ? Object.entries(value.columns).map(([name, column]) => ({
        name,
        type: column.type,
        description: column.description,
        notNull: column.not_null,
        unique: column.unique,
        defaultSql: column.default,
        check: column.check,
        where: whereIs(['columns', name]),
      }))
    : null;
  const name = `${layer.name}.${relationName}` as NodeName;
  const materialized = value.materialized ?? layer.materialized;
  const snapshot = parseSnapshot(front, { name, materialized });
  const contract: Contract = {
    description: value.description,
    primaryKey: value.primary_key ?? [],
    columns,
    uniques: value.unique,
    foreignKeys: value.foreign_keys.map((key, i) => parseForeignKey(key, whereIs(['foreign_keys', i]))),
    checks: value.checks.map((check, i) => ({ ...check, where: whereIs(['checks', i]) })),
    indexes: value.indexes.map(({ where: filter, ...index }, i) => ({
      ...index,
      filter,
      where: whereIs(['indexes', i]),
    })),
    where: {
      primaryKey: whereIs(['primary_key']),
      uniques: value.unique.map((_, i) => whereIs(['unique', i])),
    },
  };
  const model: Model = {
    name,
    layer: layer.name,
    relationName,
    file,
    materialized,
    snapshot,
    incremental: parseIncremental(front, { name, materialized, contract }),
    contract: snapshotContract(snapshot, contract),
    tests: [
      ...Object.entries(value.columns ?? {}).flatMap(([column, { tests }]) =>
        tests.map((test, i) => parseTest(test, column, whereIs(['columns', column, 'tests', i]))),
      ),
      ...value.tests.map((test, i) => parseTest(test, undefined, whereIs(['tests', i]))),
    ],
    tags: [...new Set([...layer.tags, ...value.tags])],
    grants: mergeGrants(layer.grants, value.grants),
    policies: parsePolicies(front, { name, materialized, file }, layer, configFile),
    securityInvoker: value.security_invoker,
    distribution: parseDistribution(front, { name, materialized }),
    meta: value.meta,
    charts: parseCharts(value),
    attempts: attemptOptions({ ...value, retryDelay: value.retry_delay }, layer.attempts),
    freshnessMs: value.freshness === undefined ? undefined : toMilliseconds(value.freshness),
    publish: value.publish,
    whereIs: value.charts.length > 0 ? whereIs : () => ({ file }),
    enabled: value.enabled,
  };
  refuseUnenforceable(model, front);
  checkKeyColumns(model, front);
  checkDistribution(model);
  checkModelCharts(model);
  return { model, template: parseTemplate(split.template, file) };
}

/** `silver.clientes`, `silver.clientes(id_cliente)`, `clientes (a, b)`. */
function parseForeignKey(key: { columns: string[]; references: string }, where: Where): ForeignKey {
  const match = /^([^()]+?)\s*(?:\(([^()]+)\))?$/.exec(key.references.trim());
  if (!match)
    throw new MedallionError('MDL1202', {
      message: `foreign_keys: "${key.references}" does not name a model.`,
      where,
      hint: 'Write references: silver.clientes, or silver.clientes(id_cliente).',
    });
  const referencedColumns = match[2]?.split(',').map((column) => column.trim()) ?? [];
  if (referencedColumns.length > 0 && referencedColumns.length !== key.columns.length) {
    throw new MedallionError('MDL1202', {
      message: `foreign_keys: ${key.columns.length} columns reference ${referencedColumns.length}.`,
      where,
      hint: 'Both sides need the same number of columns.',
    });
  }
  return { columns: key.columns, references: match[1]!, referencedColumns, where };
}

const testOptions = new Set(['severity', 'where', 'error_if', 'warn_if', 'name']);

function parseTest(
  test: string | Record<string, unknown>,
  column: string | undefined,
  where: Where,
): TestDeclaration {
  const fields: Record<string, unknown> = typeof test === 'string' ? { [test]: true } : test;
  const kinds = Object.keys(fields).filter((key) => !testOptions.has(key));
  const wrong = (message: string, hint: string) => new MedallionError('MDL1202', { message, where, hint });
  if (kinds.length !== 1)
    throw wrong(
      `A test names exactly one rule; here are ${kinds.length}: ${kinds.join(', ') || 'none'}.`,
      'For example: { between: [0, 120], severity: warn }.',
    );
  const text = (key: string): string | undefined => {
    const value = fields[key];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '')
      throw wrong(`${key} of a test must be text.`, `Quote it: ${key}: "${String(value)}".`);
    return value;
  };
  const severity = fields.severity ?? 'error';
  if (severity !== 'error' && severity !== 'warn')
    throw wrong(
      `severity of a test is error or warn, not ${JSON.stringify(severity)}.`,
      'Write severity: warn, or leave it out.',
    );
  return {
    kind: kinds[0]!,
    argument: fields[kinds[0]!],
    column,
    severity,
    filter: text('where'),
    errorIf: text('error_if'),
    warnIf: text('warn_if'),
    name: text('name'),
    where,
  };
}
