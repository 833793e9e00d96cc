import { readPublishedState } from '../../build/history.js';
import type { Options } from '../../config/options.js';
import type { Sql } from '../../database/connect.js';
import { readSchemaVersion } from '../../database/migrations/index.js';
import { mdlVersion } from '../../version.js';
import type { Catalog, CatalogRelation, ColumnType, Relationship } from '../catalog/catalog.js';
import type { ProjectAnswer, ProjectColumn, ProjectForeignKey, ProjectRelation } from './shapes.js';

interface Published {
  readonly node: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly charts: readonly unknown[];
  readonly accepted: Readonly<Record<string, readonly string[]>> | null;
}

/**
 * What the web app has to know of the project: exposed relations with their charts as they were published, and how to show them.
 * @param sql of the one who builds
 */
export async function describeProject(
  sql: Sql,
  { name, target, serve, dashboards, environment }: Options,
  catalog: Catalog,
): Promise<Omit<ProjectAnswer, 'access'>> {
  const wasBuilt = (await readSchemaVersion(sql)) > 0;
  const state = wasBuilt ? await readPublishedState(sql, name) : null;
  const published = new Map(
    (wasBuilt
      ? await readPublished(sql, [name, ...(environment ? [environment.production.name] : [])])
      : []
    ).map((row) => [`${row.schema_name}.${row.table_name}`, row]),
  );
  return {
    name,
    title: serve.title ?? name,
    target,
    mdlVersion,
    currency: serve.currency ?? null,
    labels: serve.labels,
    defaultSchema: serve.schemas[0] ?? 'public',
    aggregates: serve.aggregates,
    maxRows: serve.maxRows ?? null,
    published: state && { runId: state.runId, at: state.publishedAt },
    dashboards: dashboards.map(({ name, title, description, range }) => ({
      name,
      title: title ?? name,
      description: description ?? null,
      range: range ?? null,
    })),
    relations: [...catalog.relations.values()].flatMap((inSchema) =>
      [...inSchema.values()].map((relation) =>
        describeRelation(
          relation,
          catalog.relationships.get(relation.oid) ?? [],
          published.get(`${relation.storedIn}.${relation.name}`),
        ),
      ),
    ),
  };
}

function readPublished(sql: Sql, projects: readonly string[]): Promise<Published[]> {
  return sql<Published[]>`
    select node, schema_name, table_name, charts, proved -> 'accepted' as accepted
      from medallion.relations where project = any(${projects as string[]})`;
}

function describeRelation(
  relation: CatalogRelation,
  relationships: readonly Relationship[],
  published: Published | undefined,
): ProjectRelation {
  const { schema, name, description, primaryKey, columns } = relation;
  return {
    schema,
    name,
    description: description ?? null,
    node: published?.node ?? null,
    primaryKey,
    columns: [...columns.values()].map((column) => ({
      name: column.name,
      type: column.type.display,
      kind: kindOf(column.type),
      description: column.description ?? null,
      accepted: column.type.enumLabels ?? published?.accepted?.[column.name] ?? null,
    })),
    foreignKeys: foreignKeysOf(relationships),
    charts: published?.charts ?? [],
  };
}

/** Each key once: to the table where a view shows it too. */
function foreignKeysOf(relationships: readonly Relationship[]): ProjectForeignKey[] {
  const byConstraint = new Map<string, Relationship>();
  for (const way of relationships)
    if (way.isAlongKey && (way.to.isTable || !byConstraint.has(way.constraint)))
      byConstraint.set(way.constraint, way);
  return [...byConstraint.values()].map(({ to, columns }) => ({
    columns: columns.map(([own]) => own),
    schema: to.schema,
    relation: to.name,
    referenced: columns.map(([, referenced]) => referenced),
  }));
}

function kindOf({ category, base }: ColumnType): ProjectColumn['kind'] {
  switch (category) {
    case 'N':
      return base === 'oid' ? 'other' : 'number';
    case 'D':
      return 'time';
    case 'B':
      return 'boolean';
    case 'S':
    case 'E':
      return 'text';
    default:
      return base === 'uuid' ? 'text' : 'other';
  }
}
