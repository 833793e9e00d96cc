import { nearestNames } from '../../errors/nearest.js';
import type { Catalog, CatalogRelation, Column, ColumnType } from '../catalog/catalog.js';
import { RequestError } from './errors.js';

function perhaps(kind: string, name: string, known: Iterable<string>): string | null {
  const [near] = nearestNames(name, known, 1);
  return near === undefined ? null : `Perhaps you meant the ${kind} '${near}'`;
}

/** @throws RequestError PGRST205 */
export function findRelation(catalog: Catalog, schema: string, name: string): CatalogRelation {
  const relations = catalog.relations.get(schema)!;
  const found = relations.get(name);
  if (found) return found;
  const [near] = nearestNames(name, relations.keys(), 1);
  throw new RequestError(
    404,
    'PGRST205',
    `Could not find the table '${schema}.${name}' in the schema cache`,
    null,
    near === undefined ? null : `Perhaps you meant the table '${schema}.${near}'`,
  );
}

/** @throws RequestError 42703, as Postgres itself would say it */
export function findColumn(relation: CatalogRelation, name: string): Column {
  const found = relation.columns.get(name);
  if (found) return found;
  throw new RequestError(
    400,
    '42703',
    `column ${relation.name}.${name} does not exist`,
    null,
    perhaps('column', name, [...relation.columns.keys(), ...relation.computed.keys()]),
  );
}

/** Names of types that SQL knows and the catalog writes otherwise. */
const synonyms: Readonly<Record<string, string>> = {
  int: 'integer',
  decimal: 'numeric',
  dec: 'numeric',
  float: 'double precision',
  char: 'character',
};

/** @throws RequestError 42704 */
export function findType(catalog: Catalog, written: string): ColumnType {
  const name = written.trim().toLowerCase().replaceAll(/ +/g, ' ');
  const isArray = name.endsWith('[]');
  const element = isArray ? name.slice(0, -2) : name;
  const found = catalog.types.get(synonyms[element] ?? element) ?? catalog.types.get(written.trim());
  if (found && !isArray) return found;
  if (found?.array !== undefined)
    return {
      ...found,
      ...{
        sql: found.array,
        array: undefined,
        display: `${found.display}[]`,
        category: 'A',
        enumLabels: undefined,
      },
    };
  throw new RequestError(
    400,
    '42704',
    `type "${written}" does not exist`,
    null,
    perhaps('type', name, catalog.types.keys()),
  );
}

/** @throws RequestError PGRST106 */
export function findSchema(catalog: Catalog, name: string | undefined): string {
  if (name === undefined) return catalog.schemas[0]!;
  if (catalog.schemas.includes(name)) return name;
  throw new RequestError(
    406,
    'PGRST106',
    `Invalid schema: ${name}`,
    null,
    `Only the following schemas are exposed: ${catalog.schemas.join(', ')}`,
  );
}
