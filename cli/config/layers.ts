import { didYouMean, MedallionError } from '../errors/index.js';
import { attemptOptions } from './attempts.js';
import { noGrants } from './grants.js';
import type { Layer } from './options.js';
import { declaredPolicies } from './rls.js';
import type { CheckedConfig } from './schema.js';

/**
 * Bronze and the layers above it, in the order in which data flows.
 * @throws MedallionError MDL1003 when layers contradict each other, or grants name one that is not there
 */
export function makeLayers(config: CheckedConfig, configFile: string): ReadonlyMap<string, Layer> {
  const invalid = (message: string, hint: string) =>
    new MedallionError('MDL1003', { message, where: { file: configFile }, hint });
  if ('bronze' in config.layers)
    throw invalid(
      'layers: bronze is not a layer of models.',
      'Bronze tables are configured under bronze; layers lists the ones above it.',
    );
  const attempts = attemptOptions(config);
  const layers = new Map<string, Layer>();
  layers.set('bronze', {
    name: 'bronze',
    schema: config.bronzeSchema,
    rank: 0,
    materialized: 'table',
    tags: [],
    grants: config.grants.bronze ?? noGrants,
    expose: false,
    rls: null,
    attempts,
  });
  for (const [name, layer] of Object.entries(config.layers)) {
    layers.set(name, {
      name,
      schema: layer.schema ?? name,
      rank: layers.size,
      materialized: layer.materialized,
      tags: layer.tags,
      grants: config.grants[name] ?? noGrants,
      expose: layer.expose,
      rls: declaredPolicies(layer.rls),
      attempts: attemptOptions(layer, attempts),
    });
  }
  const schemas = [...layers.values()].map((layer) => layer.schema);
  const twice = schemas.find((schema, i) => schemas.indexOf(schema) !== i || schema === 'medallion');
  if (twice !== undefined)
    throw invalid(
      `Two layers, or a layer and mdl itself, use the schema "${twice}".`,
      'Give each layer a schema of its own.',
    );
  const unknown = Object.keys(config.grants).find((name) => !layers.has(name));
  if (unknown !== undefined)
    throw invalid(`grants: there is no layer "${unknown}".`, didYouMean(unknown, layers.keys()));
  return layers;
}
