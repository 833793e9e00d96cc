import type { NodeStatus } from '../../../events/events.js';
import { sourceNode } from '../../../graph/lineage/of-nodes.js';
import { bookkeepingColumns } from '../../../sources/source.js';
import type { Catalog } from '../../catalog/catalog.js';
import type { NodeRow } from './read.js';
import type { CatalogNode, NodeState } from './shapes.js';

/** All nodes, and the tables of sources that loads read. */
export function toNodes(rows: readonly NodeRow[], catalog: Catalog): CatalogNode[] {
  const byName = new Map(rows.map((row) => [row.name, row]));
  return [
    ...sourcesOf(rows).values(),
    ...rows.map((row) => toNode(row, byName.get(`test.${row.name}`), catalog)),
  ];
}

/** @param late tests of the node that are a node of their own */
export function toNode(row: NodeRow, late: NodeRow | undefined, catalog: Catalog): CatalogNode {
  const { kind, layer, materialized, description, tags, parents, columns } = row.defined;
  const verdicts = [...row.verdicts, ...(late?.defined.of === row.name ? late.verdicts : [])];
  const count = (...which: string[]) => verdicts.filter((verdict) => which.includes(verdict)).length;
  return {
    ...{ name: row.name, kind, layer, materialized, description, tags, parents, columns },
    relation:
      row.schema === null || row.table === null
        ? null
        : {
            schema: row.schema,
            name: row.table,
            isExposed: catalog.relations.get(row.schema)?.has(row.table) ?? false,
          },
    state: row.status && stateOf(row.status, row.verdicts.includes('warned')),
    runId: row.run_id,
    ranAt: row.finished_at?.toISOString() ?? null,
    durationMs: row.duration_ms,
    rows: row.rows,
    freshAt: (kind === 'load' ? row.loaded_at : row.published_at)?.toISOString() ?? null,
    tests: { passed: count('passed'), warned: count('warned'), failed: count('failed', 'errored') },
  };
}

export function stateOf(status: NodeStatus, hasWarned: boolean): NodeState {
  return status === 'succeeded' && hasWarned ? 'warned' : status;
}

/** The tables that loads read, by name: nothing is known of them but what reaches bronze. */
export function sourcesOf(rows: readonly NodeRow[]): ReadonlyMap<string, CatalogNode> {
  const sources = new Map<string, CatalogNode>();
  for (const { defined } of rows) {
    if (defined.from === null) continue;
    const name = sourceNode(defined.from);
    const own = defined.columns.filter((column) => !isBookkeeping(column));
    sources.set(name, {
      ...{ name, kind: 'source', layer: null, materialized: null, description: null, tags: [], parents: [] },
      columns: [...new Set([...(sources.get(name)?.columns ?? []), ...own])],
      ...{
        relation: null,
        state: null,
        runId: null,
        ranAt: null,
        durationMs: null,
        rows: null,
        freshAt: null,
      },
      tests: { passed: 0, warned: 0, failed: 0 },
    });
  }
  return sources;
}

export function isBookkeeping(column: string): boolean {
  return (bookkeepingColumns as readonly string[]).includes(column);
}
