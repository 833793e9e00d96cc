import type { Sql } from '../../../database/connect.js';
import type { Catalog } from '../../catalog/catalog.js';
import { sourcesOf, stateOf, toNode } from './nodes.js';
import {
  type DetailRow,
  type RelationColumn,
  readDetail,
  readNodes,
  readPast,
  readRelation,
  readTests,
} from './read.js';
import type { CatalogColumn, CatalogDetail, CatalogTest } from './shapes.js';

const pastRuns = 20;

/** All that is known of a node; undefined: there is none of this name. */
export async function describeNode(
  sql: Sql,
  project: string,
  catalog: Catalog,
  name: string,
): Promise<CatalogDetail | undefined> {
  if (name.startsWith('source:')) return describeSource(sql, project, name);
  const [rows, tested, past] = await Promise.all([
    readNodes(sql, project, [name, `test.${name}`]),
    readTests(sql, project, [name, `test.${name}`]),
    readPast(sql, project, name, pastRuns),
  ]);
  const row = rows.find((candidate) => candidate.name === name);
  if (!row) return undefined;
  const late = rows.find(({ defined }) => defined.of === name);
  const { tests: _, ...node } = toNode(row, late, catalog);
  const [known, relation] = await Promise.all([
    readDetail(sql, project, name),
    node.relation ? readRelation(sql, node.relation) : undefined,
  ]);
  const { detail, children } = known;
  return {
    ...node,
    ...{ file: detail.file, template: detail.template, sql: detail.sql, meta: detail.meta, children },
    ...{ primaryKey: detail.primaryKey, foreignKeys: detail.foreignKeys },
    columns: columnsOf(known, relation?.columns),
    tests: testsOf(detail.tests, tested),
    bytes: relation?.bytes ?? null,
    history: past.map(({ run_id, finished_at, status, duration_ms, rows, warned }) => ({
      runId: run_id,
      at: finished_at.toISOString(),
      state: stateOf(status, warned),
      durationMs: duration_ms,
      rows,
    })),
  };
}

/** What the latest run found; tests that it knew and the published model does not yet come first: a changed one that failed is the news. */
function testsOf(
  declared: DetailRow['detail']['tests'],
  tested: Awaited<ReturnType<typeof readTests>>,
): CatalogTest[] {
  const known = new Set(declared.map(({ title }) => title));
  const found = new Map(tested.map((result) => [result.title, result]));
  return [...tested.filter(({ title }) => !known.has(title)), ...declared].map(({ title, severity }) => ({
    title,
    severity,
    status: found.get(title)?.status ?? null,
    failures: found.get(title)?.failures ?? 0,
  }));
}

/** The columns as the database has them, with what is declared of them; those that are declared where it has none. */
function columnsOf(
  { detail, lineage, passedOn, notNull }: DetailRow,
  real: readonly RelationColumn[] | undefined,
): CatalogColumn[] {
  const declared = new Map(detail.columns.map((column) => [column.name, column]));
  const isProved = (name: string) => notNull?.includes(name) ?? false;
  const columns =
    real?.map(({ name, type, isNullable }) => ({ name, type, isNullable: isNullable && !isProved(name) })) ??
    detail.columns.map(({ name, type, isNotNull }) => ({ name, type, isNullable: isNotNull ? false : null }));
  return columns.map(({ name, type, isNullable }) => ({
    ...{ name, type, isNullable },
    description: declared.get(name)?.description ?? null,
    isKey: detail.primaryKey.includes(name),
    tests: declared.get(name)?.tests ?? [],
    from: Object.hasOwn(lineage, name) ? lineage[name]! : null,
    isPassedOn: passedOn.includes(name),
  }));
}

/** A table of a source, as far as it reaches bronze. */
async function describeSource(sql: Sql, project: string, name: string): Promise<CatalogDetail | undefined> {
  const rows = await readNodes(sql, project, null);
  const source = sourcesOf(rows).get(name);
  if (!source) return undefined;
  const { tests: _, columns, ...node } = source;
  return {
    ...node,
    ...{ file: null, template: null, sql: null, primaryKey: [], foreignKeys: [], tests: [], meta: {} },
    columns: columns.map((column) => ({
      ...{ name: column, type: null, description: null, isNullable: null, isKey: false, tests: [] },
      ...{ from: [], isPassedOn: false },
    })),
    children: rows.filter(({ defined }) => defined.parents.includes(name)).map((row) => row.name),
    ...{ bytes: null, history: [] },
  };
}
