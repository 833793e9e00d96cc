import type postgres from 'postgres';
import { type FindLineage, openLineage, type QueryLineage } from '../../dist/graph/lineage/lineage.js';

type Columns = readonly (readonly [name: string, type: string])[];

/** Finds the lineage of queries over these tables, each of which is the node of its name. */
export async function lineageOver(
  tables: Readonly<Record<string, Columns>>,
): Promise<(sql: string) => QueryLineage | undefined> {
  const find: FindLineage = await openLineage();
  return (sql) =>
    find(sql, (_schema, name) =>
      Object.hasOwn(tables, name)
        ? { node: name, columns: tables[name]!.map(([column, type]) => ({ name: column, type })) }
        : undefined,
    );
}

/**
 * A lineage in short: `s < a.x a.y` is computed from two columns, `id = a.id` passed on, `n <` made from none, `k ?` not known; `...` where there may
 * be more.
 */
export function inShort(lineage: QueryLineage | undefined): string {
  if (!lineage) return 'none';
  const columns = lineage.columns.map(({ name, from, isPassedOn }) =>
    from === null
      ? `${name} ?`
      : [name, isPassedOn ? '=' : '<', ...from.map(({ node, column }) => `${node}.${column}`).sort()].join(
          ' ',
        ),
  );
  return [...columns, ...(lineage.isComplete ? [] : ['...'])].join(', ');
}

/** Makes those tables. */
export async function createTables(
  sql: postgres.Sql,
  tables: Readonly<Record<string, Columns>>,
): Promise<void> {
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  for (const [name, columns] of Object.entries(tables))
    await sql.unsafe(
      `create table ${quote(name)} (${columns.map(([column, type]) => `${quote(column)} ${type}`).join(', ')})`,
    );
}

/** The names of a query's columns as Postgres gives them. */
export async function namesIn(sql: postgres.Sql, query: string): Promise<string[]> {
  return (await sql.unsafe(query).describe()).columns.map(({ name }) => name);
}
