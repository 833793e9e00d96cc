import type { Options } from '../config/options.js';
import type { NodeName } from '../project/model.js';
import type { ColumnLineage } from './lineage/lineage.js';
import type { Graph, GraphNode } from './node.js';

/**
 * The graph as plain JSON, for other tools: nodes with their parents, contract, tests, rendered SQL and the columns that theirs come from, as far as that
 * is known without a database.
 */
export function manifest(
  options: Options,
  graph: Graph,
  selected: ReadonlySet<NodeName>,
  sql: ReadonlyMap<string, string>,
  lineageOf: (name: NodeName) => readonly ColumnLineage[] | undefined,
): unknown {
  const nodes = graph.order
    .filter((name) => selected.has(name))
    .map((name) => describe(graph.nodes.get(name)!, graph, sql, lineageOf(name)));
  return {
    manifest_version: 1,
    project: options.name,
    target: options.target,
    layers: [...options.layers.values()].map(({ name, schema }) => ({ name, schema })),
    nodes,
  };
}

function describe(
  node: GraphNode,
  graph: Graph,
  sql: ReadonlyMap<string, string>,
  lineage: readonly ColumnLineage[] | undefined,
): unknown {
  const common = {
    name: node.name,
    kind: node.kind,
    file: node.file,
    tags: node.tags,
    parents: node.parents,
    children: graph.children.get(node.name),
  };
  switch (node.kind) {
    case 'load':
      return {
        ...common,
        from: node.table.from,
        strategy: node.table.strategy,
        key: node.table.key,
        description: node.table.description ?? null,
      };
    case 'model': {
      const { model } = node.parsed;
      const { contract } = model;
      return {
        ...common,
        materialized: model.materialized,
        description: contract.description ?? null,
        primary_key: contract.primaryKey,
        columns:
          contract.columns?.map(({ name, type, description, notNull, defaultSql }) => ({
            name,
            type: type ?? null,
            description: description ?? null,
            not_null: notNull,
            default: defaultSql ?? null,
          })) ?? null,
        foreign_keys: contract.foreignKeys.map(({ columns, references, referencedColumns }) => ({
          columns,
          references,
          referenced_columns: referencedColumns,
        })),
        tests: node.tests.map((test) => ({ title: test.title, severity: test.declaration.severity })),
        lineage: lineage ? Object.fromEntries(lineage.map(({ name, from }) => [name, from])) : null,
        meta: model.meta,
        sql: sql.get(node.name) ?? null,
      };
    }
    case 'test':
      return {
        ...common,
        guards: node.guards,
        description: node.singular?.description ?? null,
        sql: sql.get(node.name) ?? null,
      };
  }
}
