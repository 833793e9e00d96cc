import { quoteRelation, type Relation } from '../../database/identifiers.js';
import type { NodeName } from '../../project/model.js';
import { bookkeepingColumns } from '../../sources/source.js';
import type { Graph, LoadNode, ModelNode } from '../node.js';
import type { ColumnLineage, FindLineage, KnownRelation, QueryLineage } from './lineage.js';
import { sameType } from './types.js';

export interface NodeLineageOptions {
  readonly graph: Graph;
  readonly find: FindLineage;
  /** As the SQL of models names it; undefined: it has no relation. */
  readonly relationOf: (name: NodeName) => Relation | undefined;
  /** The SQL of a model, ephemeral models that it reads included; null: it cannot be rendered. */
  readonly sqlOf: (name: NodeName) => string | null;
  /** Columns as they are in the database; undefined: they are not known. */
  readonly columnsOf: (name: NodeName) => KnownRelation['columns'] | undefined;
}

/** The name under which the lineage and the catalog have a table of a source. */
export function sourceNode(from: string): string {
  return `source:${from}`;
}

/**
 * Makes the function that tells where the columns of a node come from: of a bronze table from its source, of a model from the nodes that its select
 * reads. A column that a default fills comes from nothing.
 * @returns undefined: not even the names of its columns are known
 */
export function lineageOfNodes(
  options: NodeLineageOptions,
): (name: NodeName) => readonly ColumnLineage[] | undefined {
  const { graph } = options;
  const found = new Map<NodeName, readonly ColumnLineage[] | undefined>();
  const nodeAt = new Map(
    [...graph.nodes.keys()].flatMap((name) => {
      const relation = options.relationOf(name);
      return relation ? [[quoteRelation(relation), name] as const] : [];
    }),
  );

  const declared = (name: NodeName): KnownRelation['columns'] => {
    const node = graph.nodes.get(name)!;
    return node.kind === 'model' ? node.parsed.model.contract.columns : null;
  };
  const columns = (name: NodeName): KnownRelation['columns'] =>
    options.columnsOf(name) ?? declared(name) ?? found.get(name) ?? null;
  const typeOf = (name: NodeName, column: string) =>
    columns(name)?.find((candidate) => candidate.name === column)?.type;
  const relation = (schema: string | undefined, name: string): KnownRelation | undefined => {
    const node = schema === undefined ? undefined : nodeAt.get(quoteRelation({ schema, name }));
    return node && { node, columns: columns(node) };
  };

  const look = (name: NodeName): readonly ColumnLineage[] | undefined => {
    const node = graph.nodes.get(name)!;
    if (node.kind === 'test') return [];
    if (node.kind === 'load') return options.columnsOf(name)?.map((column) => loaded(node, column.name));
    const sql = options.sqlOf(name);
    const query = sql === null ? undefined : options.find(sql, relation);
    const names = (options.columnsOf(name) ?? declared(name))?.map((column) => column.name);
    if (!names) return query?.isComplete ? query.columns : undefined;
    return names.map((column) => {
      const lineage = columnOf(node, query, column);
      const isCast = lineage.from?.some(
        (source) => !sameType(typeOf(name, column), typeOf(source.node as NodeName, source.column)),
      );
      return isCast ? { ...lineage, isPassedOn: false } : lineage;
    });
  };

  return (name) => {
    for (const needed of neededFirst(graph, name, (other) => found.has(other) || columns(other) !== null))
      found.set(needed, look(needed));
    return found.get(name);
  };
}

function loaded({ table }: LoadNode, column: string): ColumnLineage {
  if ((bookkeepingColumns as readonly string[]).includes(column))
    return { name: column, from: [], isPassedOn: false };
  return { name: column, from: [{ node: sourceNode(table.from), column }], isPassedOn: true };
}

function columnOf({ parsed }: ModelNode, query: QueryLineage | undefined, name: string): ColumnLineage {
  const unknown: ColumnLineage = { name, from: null, isPassedOn: false };
  if (!query) return unknown;
  const known = query.columns.find((column) => column.name === name);
  if (known) return known;
  const hasDefault = parsed.model.contract.columns?.some(
    (column) => column.name === name && column.defaultSql !== undefined,
  );
  if (hasDefault) return query.isComplete ? { ...unknown, from: [] } : unknown;
  return query.find(name) ?? unknown;
}

/** A node after those above it whose columns only their own lineage tells, with a stack of its own: chains may be long. */
function neededFirst(graph: Graph, name: NodeName, isKnown: (name: NodeName) => boolean): NodeName[] {
  const order: NodeName[] = [];
  const seen = new Set([name]);
  const path: { readonly name: NodeName; next: number }[] = [{ name, next: 0 }];
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const parent = graph.nodes.get(top.name)!.parents[top.next++];
    if (parent === undefined) {
      order.push(top.name);
      path.pop();
    } else if (!seen.has(parent) && !isKnown(parent)) {
      seen.add(parent);
      path.push({ name: parent, next: 0 });
    }
  }
  return order;
}
