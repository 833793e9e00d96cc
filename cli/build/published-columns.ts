import type { Sql } from '../database/connect.js';
import type { ModelNode } from '../graph/node.js';
import type { PublishedColumns } from './model-build.js';
import type { RelationFinder } from './relation-finder.js';
import type { RunState } from './state/run-state.js';

/** The columns of what is published of a model, if that has its contract, and rows have to be known again to keep what defaults filled in. */
export async function publishedColumns(
  { relations, state }: { readonly relations: RelationFinder; readonly state: RunState },
  node: ModelNode,
  sql: Sql,
): Promise<PublishedColumns | undefined> {
  const { columns: declared } = node.parsed.model.contract;
  if (!declared?.some(({ defaultSql }) => defaultSql !== undefined)) return undefined;
  if (!state.hasSameContract(node)) return undefined;
  const relation = relations.published(node.name);
  const columns = await sql<{ name: string; type: number }[]>`
    select a.attname as name, a.atttypid::int8 as type
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${relation.schema} and c.relname = ${relation.name} and a.attnum > 0 and not a.attisdropped`;
  return { relation, types: new Map(columns.map(({ name, type }) => [name, type])) };
}
